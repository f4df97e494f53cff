/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_html_data.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

enum {
	SMALLEST = 1000,	/* parts of the whole that a node must be */
	NODES = 3000,		/* of all logs, at most */
	POINTS = 1000,		/* of the curves of all logs, about */
	NAME = 160,		/* bytes of a string */
	PROBLEMS = 20,
	SOURCE = 200,		/* bytes of a source line */
};

/* Nodes so deep are shown; the values of each with what it calls. */
struct sizes {
	bool *shallow;
	uint64_t *totals[STACK_MEASURES];
};

static struct sizes
find_sizes(const struct stacks *stacks)
{
	uint32_t *depth = cli_need(calloc(stacks->node_count, sizeof(*depth)));
	struct sizes sizes = {
		.shallow = cli_need(calloc(stacks->node_count, sizeof(bool))),
	};

	for (uint32_t i = 1; i < stacks->node_count; i++) {
		depth[i] = depth[stacks->nodes[i].caller] + 1;
		sizes.shallow[i] = depth[i] <= STACK_DEPTH;
	}
	for (unsigned int m = 0; m < stacks->measure_count; m++)
		sizes.totals[m] = stacks_totals(stacks, m);
	free(depth);
	return sizes;
}

/* Mark nodes that are big enough by any measure.  Returns how many. */
static uint32_t
mark_kept(const struct stacks *stacks, const struct sizes *sizes,
	  uint64_t smallest, bool *kept)
{
	uint32_t count = 1;

	kept[0] = true;
	for (uint32_t i = 1; i < stacks->node_count; i++) {
		kept[i] = false;
		for (unsigned int m = 0; m < stacks->measure_count; m++)
			kept[i] |= sizes->shallow[i] &&
				   sizes->totals[m][i] >
				   sizes->totals[m][0] / smallest;
		count += kept[i];
	}
	return count;
}

/* At most MOST of them: the largest. */
static bool *
choose_nodes(const struct stacks *stacks, uint32_t most)
{
	struct sizes sizes = find_sizes(stacks);
	bool *kept = cli_need(calloc(stacks->node_count, sizeof(*kept)));
	uint64_t smallest = SMALLEST;

	while (mark_kept(stacks, &sizes, smallest, kept) > most &&
	       smallest > 1)
		smallest /= 2;
	free(sizes.shallow);
	for (unsigned int m = 0; m < stacks->measure_count; m++)
		free(sizes.totals[m]);
	return kept;
}

static json_t *
json_node(const struct stacks *stacks, uint32_t node, uint32_t caller,
	  uint32_t frame)
{
	json_t *json = json_pack("[I, I]", (json_int_t)caller,
				 (json_int_t)frame);

	for (unsigned int m = 0; m < stacks->measure_count; m++)
		json_array_append_new(json, json_integer(
			(json_int_t)stacks->nodes[node].values[m]));
	return json;
}

/* What is left out counts for its caller. */
static void
add_to_caller(json_t *nodes, uint32_t caller, const struct stack_node *node,
	      unsigned int measures)
{
	json_t *json = json_array_get(nodes, caller);

	for (unsigned int m = 0; m < measures; m++) {
		json_t *value = json_array_get(json, 2 + m);

		json_integer_set(value, json_integer_value(value) +
				 (json_int_t)node->values[m]);
	}
}

static json_t *
json_frame(const struct stack_frame *frame)
{
	return json_pack("[o, o, I]", json_text(frame->function),
			 frame->file.length > 0 ? json_text(frame->file) :
						  json_null(),
			 (json_int_t)frame->line);
}

/*
 * Nodes and frames are numbered anew; the new number of a node that is left
 * out is its caller's.
 */
json_t *
page_stacks(const struct stacks *stacks, size_t logs)
{
	bool *kept = choose_nodes(stacks, (uint32_t)(NODES / logs));
	uint32_t *now = cli_need(calloc(stacks->node_count, sizeof(*now)));
	uint32_t *frame = cli_need(calloc((size_t)stacks->frame_count + 1,
					  sizeof(*frame)));
	json_t *nodes = json_array(), *frames = json_array();
	json_t *measures = json_array();

	json_array_append_new(nodes, json_node(stacks, 0, 0, 0));
	for (uint32_t i = 1; i < stacks->node_count; i++) {
		const struct stack_node *node = &stacks->nodes[i];
		uint32_t caller = now[node->caller];

		now[i] = caller;
		if (!kept[i]) {
			add_to_caller(nodes, caller, node,
				      stacks->measure_count);
			continue;
		}
		if (frame[node->frame] == 0) {
			json_array_append_new(frames, json_frame(
				&stacks->frames[node->frame]));
			frame[node->frame] =
				(uint32_t)json_array_size(frames);
		}
		now[i] = (uint32_t)json_array_size(nodes);
		json_array_append_new(nodes, json_node(
			stacks, i, caller, frame[node->frame] - 1));
	}
	for (unsigned int m = 0; m < stacks->measure_count; m++)
		json_array_append_new(measures, json_pack(
			"[s, s]", stacks->measures[m].name,
			stacks->measures[m].unit));
	free(kept);
	free(now);
	free(frame);
	return cli_need(json_pack("{s:o, s:i, s:o, s:o}", "measures",
				  measures, "chosen", (int)stacks->chosen,
				  "frames", frames, "nodes", nodes));
}

/* Line LINE of the Python file PATH, or NULL if it cannot be read. */
static json_t *
source_line(const char *path, json_int_t line)
{
	size_t n = strlen(path), room = 0;
	char *text = NULL;
	struct stat status;
	json_t *json = NULL;
	FILE *file;
	int fd;

	if (n < 3 || strcmp(path + n - 3, ".py") != 0)
		return NULL;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return NULL;
	file = cli_need(fdopen(fd, "r"));
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		for (; line > 0 && getline(&text, &room, file) > 0; line--)
			if (line == 1) {
				text[strcspn(text, "\n")] = '\0';
				n = strnlen(text, SOURCE);
				json = json_text((struct pmt_text){ text, n });
			}
	free(text);
	fclose(file);
	return json;
}

static void
add_source(json_t *object)
{
	const char *path = json_string_value(json_object_get(object, "file"));
	json_int_t line = json_integer_value(json_object_get(object, "line"));
	json_t *source = NULL;

	if (path != NULL && line > 0)
		source = source_line(path, line);
	if (source != NULL)
		json_set(object, "source", source);
}

static void
shrink_text(json_t *text)
{
	size_t n = json_string_length(text);
	const char *bytes = json_string_value(text);
	char cut[NAME + 4];

	if (n <= NAME)
		return;
	/* Not within a character. */
	for (n = NAME; n > 0 && ((unsigned char)bytes[n] & 0xc0) == 0x80; n--)
		continue;
	memcpy(cut, bytes, n);
	memcpy(cut + n, "...", 3);
	json_string_setn(text, cut, n + 3);
}

/* JSON of ours is no deeper than a few levels. */
static void
shrink_all(json_t *json)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_string(json))
		shrink_text(json);
	json_array_foreach(json, i, value)
		shrink_all(value);
	if (!json_is_object(json))
		return;
	json_object_foreach(json, key, value)
		shrink_all(value);
	add_source(json);
}

/* Points [clock, low, high] become fewer, each of several that followed. */
static json_t *
thinner_curve(const json_t *curve, size_t points)
{
	size_t size = json_array_size(curve), each = size / points + 1;
	json_t *thin = json_array();

	for (size_t i = 0; i < size; i += each) {
		json_t *first = json_array_get(curve, i);
		json_int_t low = json_integer_value(json_array_get(first, 1));
		json_int_t high = json_integer_value(json_array_get(first, 2));

		for (size_t j = i + 1; j < i + each && j < size; j++) {
			json_t *next = json_array_get(curve, j);
			json_int_t l = json_integer_value(
				json_array_get(next, 1));
			json_int_t h = json_integer_value(
				json_array_get(next, 2));

			low = l < low ? l : low;
			high = h > high ? h : high;
		}
		json_array_append_new(thin, json_pack(
			"[O, I, I]", json_array_get(first, 0), low, high));
	}
	return thin;
}

void
page_data_shrink(json_t *list)
{
	size_t points = POINTS / (json_array_size(list) + 1) + 50, i;
	json_t *log;

	json_array_foreach(list, i, log) {
		json_t *curve = json_object_get(log, "curve");
		json_t *problems = json_object_get(log, "problems");

		json_object_del(log, "report");
		/* These are among the call paths. */
		json_object_del(log, "paths");
		json_object_del(log, "stacks");
		if (json_array_size(curve) > points)
			json_set(log, "curve", thinner_curve(curve, points));
		while (json_array_size(problems) > PROBLEMS)
			json_array_remove(problems, PROBLEMS);
	}
	shrink_all(list);
}
