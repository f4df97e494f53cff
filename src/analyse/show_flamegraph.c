/* SPDX-License-Identifier: MIT */
/* show_flamegraph.c - call paths as a picture: who calls is below. */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/holdings.h"
#include "analyse/names.h"
#include "analyse/output.h"
#include "analyse/show_stacks.h"
#include "base/units.h"
#include "cli/cli.h"
#include "report/reporttext.h"

/* Pixels; a character of the font is LETTER wide. */
enum { WIDTH = 1200, ROW = 18, TOP = 44, BOTTOM = 28, LETTER = 7 };

/* What is narrower than a thousandth is left out. */
enum { SMALLEST = 1000 };

struct picture {
	FILE *out;
	const struct stacks *stacks;
	uint64_t *totals;		/* of each node, with what it calls */
	uint64_t *former;		/* the same of the old side, or NULL */
	uint64_t *left;			/* of each node: where it begins */
	uint32_t *depth;		/* of each node; 0 is all */
	uint32_t deepest;
	uint64_t smallest;		/* parts of the whole of a box */
	bool bytes;
};

static bool
is_drawn(const struct picture *picture, uint32_t node)
{
	return picture->depth[node] <= STACK_DEPTH &&
	       picture->totals[node] >=
			picture->totals[0] / picture->smallest +
			(picture->totals[0] % picture->smallest != 0) &&
	       picture->totals[node] > 0;
}

/* A caller's number is lower: one pass places what it calls within it. */
static void
place_boxes(struct picture *picture)
{
	const struct stacks *stacks = picture->stacks;
	uint32_t count = stacks->node_count;
	uint64_t *next = cli_need(calloc(count, sizeof(*next)));

	for (uint32_t i = 1; i < count; i++) {
		uint32_t caller = stacks->nodes[i].caller;

		picture->left[i] = next[caller];
		next[i] = next[caller];
		next[caller] += picture->totals[i];
		picture->depth[i] = picture->depth[caller] + 1;
	}
	free(next);
}

static uint32_t
count_boxes(struct picture *picture)
{
	uint32_t count = 0;

	picture->deepest = 0;
	for (uint32_t i = 0; i < picture->stacks->node_count; i++) {
		if (!is_drawn(picture, i))
			continue;
		count++;
		if (picture->depth[i] > picture->deepest)
			picture->deepest = picture->depth[i];
	}
	return count;
}

/* At most MOST boxes: the widest. */
static void
lay_out(struct picture *picture, uint32_t most)
{
	place_boxes(picture);
	while (count_boxes(picture) > most && picture->smallest > 1)
		picture->smallest /= 2;
}

static void
put_name(FILE *out, struct pmt_text name, size_t max)
{
	static const struct name_escape markup[] = {
		{ '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { 0 },
	};

	name_print(out, name, max, markup);
}

/* Whose code is it: the program's, a package's or Python's, or C? */
static const char *
kind_of(const struct stack_frame *frame)
{
	if (frame->file.length == 0)
		return "c";
	return holdings_is_own(frame->file) ? "own" : "lib";
}

/* How much of it is new, or gone? */
static const char *
change_of(uint64_t now, uint64_t former)
{
	static const char *const rose[] = { "same", "rose1", "rose2", "rose3" };
	static const char *const fell[] = { "same", "fell1", "fell2", "fell3" };
	double most = (double)(now > former ? now : former);
	double part = fabs((double)now - (double)former) /
		      (most > 0 ? most : 1);
	int step = part < 0.02 ? 0 : part < 0.25 ? 1 : part < 0.75 ? 2 : 3;

	return now > former ? rose[step] : fell[step];
}

static const char *
class_of(const struct picture *picture, uint32_t node)
{
	const struct stack_node *is = &picture->stacks->nodes[node];

	if (picture->former != NULL)
		return change_of(picture->totals[node],
				 picture->former[node]);
	return node == 0 ? "all" : kind_of(&picture->stacks->frames[is->frame]);
}

static const char *
format_value(const struct picture *picture, uint64_t value,
	     char text[PMT_SIZE_TEXT + PMT_NUMBER_TEXT])
{
	return picture->bytes ? pmt_format_size((int64_t)value, text)
			      : pmt_format_count(value, text);
}

static void
put_value(const struct picture *picture, uint32_t node)
{
	char text[PMT_SIZE_TEXT + PMT_NUMBER_TEXT];
	uint64_t value = picture->totals[node];

	fprintf(picture->out, "%s, %.1f%%", format_value(picture, value, text),
		100.0 * (double)value / (double)picture->totals[0]);
	if (picture->former != NULL)
		fprintf(picture->out, "; it was %s", format_value(
			picture, picture->former[node], text));
}

static void
put_node(const struct picture *picture, uint32_t node)
{
	const struct stack_node *is = &picture->stacks->nodes[node];
	const struct stack_frame all = { .function = { "all", 3 } };
	const struct stack_frame *frame = node == 0 ? &all :
		&picture->stacks->frames[is->frame];
	double scale = (double)WIDTH / (double)picture->totals[0];
	double x = (double)picture->left[node] * scale;
	double width = (double)picture->totals[node] * scale;
	uint32_t y = TOP + (picture->deepest - picture->depth[node]) * ROW;
	size_t letters = (size_t)(width / LETTER);

	fputs("<g><title>", picture->out);
	put_name(picture->out, frame->function, SIZE_MAX);
	if (frame->file.length > 0) {
		fputs(" ", picture->out);
		put_name(picture->out, frame->file, SIZE_MAX);
		if (frame->line > 0)
			fprintf(picture->out, ":%" PRIu32, frame->line);
	}
	fputs(": ", picture->out);
	put_value(picture, node);
	fprintf(picture->out, "</title><rect class=\"%s\" x=\"%.2f\" "
		"y=\"%" PRIu32 "\" width=\"%.2f\" height=\"%d\" rx=\"2\"/>",
		class_of(picture, node), x, y,
		width > 1 ? width - 0.5 : width, ROW - 1);
	if (letters >= 3) {
		fprintf(picture->out, "<text x=\"%.2f\" y=\"%" PRIu32 "\">",
			x + 3, y + ROW - 5);
		put_name(picture->out, frame->function, letters - 1);
		fputs("</text>", picture->out);
	}
	fputs("</g>\n", picture->out);
}

static uint32_t
height_of(const struct picture *picture)
{
	return TOP + (picture->deepest + 1) * ROW + BOTTOM;
}

static const char *
legend_of(const struct picture *picture)
{
	if (picture->former != NULL)
		return "as wide as what is new; red: there is more than there "
		       "was, blue: less, grey: as much";
	return "orange: the program's own code; blue: Python's and packages'; "
	       "grey: C";
}

static void
put_boxes(struct picture *picture)
{
	for (uint32_t i = 0; i < picture->stacks->node_count; i++)
		if (is_drawn(picture, i))
			put_node(picture, i);
	fputs("</svg>\n", picture->out);
}

/* A picture that stands for itself. */
static void
put_file(struct picture *picture, const char *path)
{
	const struct stacks *stacks = picture->stacks;

	fprintf(picture->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		"viewBox=\"0 0 %d %" PRIu32 "\" width=\"%d\" "
		"font-family=\"monospace\" font-size=\"11\">\n<style>"
		"svg{background:#fff;color:#222}text{fill:#222}"
		".own{fill:#f4a259}.lib{fill:#a8c5da}.c,.same{fill:#c9c9c9}"
		".all{fill:#e3e3e3}.rose1{fill:#f8d3cf}.rose2{fill:#f09e96}"
		".rose3{fill:#e2594d}.fell1{fill:#cfe0f8}.fell2{fill:#93bdf0}"
		".fell3{fill:#4d8fe2}g:hover rect{stroke:#000}"
		"</style>\n", WIDTH, height_of(picture), WIDTH);
	fputs("<text x=\"3\" y=\"18\" font-size=\"14\">", picture->out);
	put_name(picture->out, (struct pmt_text){ path, strlen(path) }, 120);
	fprintf(picture->out, ": %s", stacks->measures[stacks->chosen].name);
	fprintf(picture->out, "</text>\n<text x=\"3\" y=\"34\">%s; paths "
		"below a thousandth are left out</text>\n",
		legend_of(picture));
	put_boxes(picture);
}

/* A part of a page, whose style it has. */
static void
put_part(struct picture *picture)
{
	const struct stacks *stacks = picture->stacks;

	fprintf(picture->out, "<svg class=\"paths\" "
		"viewBox=\"0 0 %d %" PRIu32 "\">\n"
		"<text x=\"3\" y=\"18\">%s: %s</text>\n", WIDTH,
		height_of(picture), stacks->measures[stacks->chosen].name,
		legend_of(picture));
	put_boxes(picture);
}

static void
init(struct picture *picture, FILE *out, const struct stacks *stacks,
     bool compared)
{
	uint32_t count = stacks->node_count;

	*picture = (struct picture){
		.out = out, .stacks = stacks, .smallest = SMALLEST,
		.bytes = stacks->measures[stacks->chosen].unit[0] == 'b',
		.totals = stacks_totals(stacks, stacks->chosen),
		.former = compared ? stacks_totals(stacks, 1) : NULL,
		.left = cli_need(calloc(count, sizeof(*picture->left))),
		.depth = cli_need(calloc(count, sizeof(*picture->depth))),
	};
}

static void
fini(struct picture *picture)
{
	free(picture->totals);
	free(picture->former);
	free(picture->left);
	free(picture->depth);
}

void
flamegraph_put(FILE *out, const struct stacks *stacks, bool compared,
	       uint32_t most)
{
	struct picture picture;

	init(&picture, out, stacks, compared);
	lay_out(&picture, most);
	put_part(&picture);
	fini(&picture);
}

bool
flamegraph_write(const char *path, const struct stacks *stacks, bool compared,
		 const char *heading)
{
	FILE *out = output_open(path);
	struct picture picture;

	if (out == NULL)
		return false;
	init(&picture, out, stacks, compared);
	lay_out(&picture, UINT32_MAX);
	put_file(&picture, heading);
	fini(&picture);
	return output_close(out, path);
}

bool
show_flamegraph(const struct stacks *stacks, const struct reading *reading)
{
	return flamegraph_write(reading->options->out, stacks, false,
				reading->path);
}
