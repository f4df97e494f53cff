/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/paths.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Steps that are shown: so many next to the root, as many at the end. */
enum { SIDE = 24, SHOWN = 2 * SIDE };

struct step {
	uint32_t way;
	uint32_t count;		/* how often it repeats; 0: more than once */
	uint32_t edge;		/* PMT_NO_NODE: not of one path */
};

/* From the object to the root; what is beyond the room is left out. */
struct steps {
	struct step step[SHOWN];
	uint32_t count;		/* those in the room */
	uint32_t left_out;	/* after step[SIDE - 1] */
};

struct line {
	char *text;
	size_t size, used;
	bool in_dict;		/* the last step led to attributes */
};

static void PMT_PRINTF(2, 3)
put(struct line *line, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line->text + line->used, line->size - line->used, format,
		      args);
	va_end(args);
	line->used += n < 0 ? 0 : (size_t)n;
	if (line->used >= line->size)
		line->used = line->size - 1;
}

static void
add_step(struct steps *steps, uint32_t way, uint32_t count)
{
	if (steps->count == SHOWN) {
		memmove(&steps->step[SIDE], &steps->step[SIDE + 1],
			(SIDE - 1) * sizeof(steps->step[0]));
		steps->count--;
		steps->left_out++;
	}
	steps->step[steps->count++] = (struct step){ way, count, PMT_NO_NODE };
}

static void
collect(const struct pmt_paths *paths, uint32_t way, struct steps *steps)
{
	*steps = (struct steps){ .count = 0 };
	for (; way != 0; way = paths->ways.way[way].above)
		add_step(steps, way, paths->ways.way[way].folds == 0);
}

static void
put_root(struct line *line, const struct pmt_paths *paths,
	 const struct pmt_way *root)
{
	const char *name = pmt_names_text(&paths->heap->names, root->type);

	if (root->label == PMT_ROOT_CODE)
		put(line, "C code <%s>", name);
	else
		put(line, "%s", name);
}

static void
put_name(struct line *line, const struct pmt_paths *paths, uint32_t label)
{
	uint32_t number = (label - PMT_EDGE_NAMES) >> 2;
	unsigned int kind = label & 3;
	const char *name = pmt_names_text(&paths->heap->names, number);

	if (kind == PMT_NAMED_LOCAL)
		put(line, " local %s", name);
	else if (kind == PMT_NAMED_KEY && !line->in_dict)
		put(line, "['%s']", name);
	else if (name[0] == '<')
		put(line, "%s", name);
	else
		put(line, ".%s", name);
}

/* "_tee_dataobject" of "itertools._tee_dataobject". */
static const char *
last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot == NULL ? name : dot + 1;
}

static void
put_label(struct line *line, const struct pmt_paths *paths,
	  const struct step *step)
{
	const struct pmt_way *way = &paths->ways.way[step->way];
	const struct pmt_heap *heap = paths->heap;

	switch (way->label) {
	case PMT_EDGE_INSIDE:
		put(line, "<%s>", last_part(pmt_names_text(&heap->names,
							   way->type)));
		break;
	case PMT_EDGE_ITEM:
		if (step->edge == PMT_NO_NODE)
			put(line, "[*]");
		else
			put(line, "[%u]", step->edge);
		break;
	case PMT_EDGE_VALUE:
		put(line, line->in_dict ? ".*" : "{*}");
		break;
	case PMT_EDGE_KEY:
		put(line, "{key}");
		break;
	case PMT_EDGE_DICT:
		break;
	case PMT_EDGE_CLASS:
		put(line, ".__class__");
		break;
	case PMT_EDGE_GLOBALS:
		put(line, ".__globals__");
		break;
	default:
		put_name(line, paths, way->label);
	}
	line->in_dict = way->label == PMT_EDGE_DICT;
}

static void
put_step(struct line *line, const struct pmt_paths *paths,
	 const struct step *step)
{
	put_label(line, paths, step);
	if (line->in_dict)
		return;
	if (step->count == 0)
		put(line, "{+}");
	else if (step->count > 1)
		put(line, "{%u}", step->count);
}

static size_t
write_steps(const struct pmt_paths *paths, const struct steps *steps,
	    char *text, size_t size)
{
	struct line line = { .text = text, .size = size };

	text[0] = '\0';
	for (uint32_t i = steps->count; i-- > 0;) {
		const struct step *step = &steps->step[i];

		if (paths->ways.way[step->way].above == 0)
			put_root(&line, paths, &paths->ways.way[step->way]);
		else
			put_step(&line, paths, step);
		if (i == SIDE && steps->left_out > 0)
			put(&line, " ... ");
	}
	return line.used;
}

size_t
pmt_way_text(const struct pmt_paths *paths, uint32_t way, char *text,
	     size_t size)
{
	struct steps steps;

	collect(paths, way, &steps);
	return write_steps(paths, &steps, text, size);
}

size_t
pmt_way_step(const struct pmt_paths *paths, uint32_t way, char *text,
	     size_t size)
{
	const struct pmt_way *last = &paths->ways.way[way];
	const struct pmt_way *above = &paths->ways.way[last->above];
	const struct step step = { way, last->folds == 0, PMT_NO_NODE };
	struct line line = { .text = text, .size = size };

	text[0] = '\0';
	line.in_dict = above->above != 0 && above->label == PMT_EDGE_DICT;
	if (last->above == 0)
		put_root(&line, paths, last);
	else
		put_step(&line, paths, &step);
	return line.used;
}

/* Where is WAY among the steps, near the I-th?  SHOWN if it is not. */
static uint32_t
near(const struct steps *steps, uint32_t i, uint32_t way)
{
	uint32_t k = i > 0 ? i - 1 : 0;

	for (; k <= i + 1 && k < steps->count; k++)
		if (steps->step[k].way == way)
			return k;
	return SHOWN;
}

/* The index of EDGE of PARENT among its items. */
static uint32_t
item_of(const struct pmt_heap *heap, uint32_t parent, uint32_t edge)
{
	uint32_t first = heap->first[parent];

	while (first < edge && heap->label[first] != PMT_EDGE_ITEM)
		first++;
	return edge - first;
}

size_t
pmt_path_text(const struct pmt_paths *paths, uint32_t node, char *text,
	      size_t size)
{
	struct steps steps;
	uint32_t i = 0;

	collect(paths, paths->way[node], &steps);
	for (uint32_t k = 0; k < steps.count; k++)
		steps.step[k].count = 0;
	for (;; node = paths->parent[node]) {
		uint32_t k = near(&steps, i, paths->way[node]);

		if (k != SHOWN) {
			i = k > i ? k : i;
			if (steps.step[k].count++ == 0 &&
			    paths->parent[node] != node)
				steps.step[k].edge = item_of(
					paths->heap, paths->parent[node],
					paths->by[node]);
		}
		if (paths->parent[node] == node)
			break;
	}
	for (uint32_t k = 0; k < steps.count; k++)
		steps.step[k].count += steps.step[k].count == 0;
	return write_steps(paths, &steps, text, size);
}

enum pmt_root_kind
pmt_way_root(const struct pmt_paths *paths, uint32_t way)
{
	while (paths->ways.way[way].above != 0)
		way = paths->ways.way[way].above;
	return (enum pmt_root_kind)paths->ways.way[way].label;
}
