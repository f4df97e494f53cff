/* SPDX-License-Identifier: MIT */
/* show_html_stacks.c - call paths as JSON, without those that are small. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "analyse/show_html_data.h"
#include "cli/cli.h"

/* Parts of the whole that a node must be. */
enum { SMALLEST = 1000 };

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

/* At most MOST of them: the largest.  UINT32_MAX: all. */
static bool *
choose_nodes(const struct stacks *stacks, uint32_t most)
{
	struct sizes sizes = find_sizes(stacks);
	bool *kept = cli_need(calloc(stacks->node_count, sizeof(*kept)));
	uint64_t smallest = most == UINT32_MAX ? UINT64_MAX : SMALLEST;

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

/* By how much VALUES rose from moment to moment, up to the last that did. */
static json_t *
json_rises(const int64_t values[STACK_MOMENTS])
{
	json_t *list = cli_need(json_array());
	unsigned int count = STACK_MOMENTS;

	while (count > 1 && values[count - 1] == values[count - 2])
		count--;
	for (unsigned int i = 0; i < count; i++)
		json_array_append_new(list, json_integer((json_int_t)(
			values[i] - (i > 0 ? values[i - 1] : 0))));
	return list;
}

/* Of each of COUNT nodes; NOW is what they are numbered. */
static json_t *
json_courses(const struct stacks *stacks, unsigned int measure,
	     const uint32_t *now, size_t count)
{
	const struct stack_course *courses = stacks->courses[measure];
	struct stack_course *sums = cli_need(calloc(count, sizeof(*sums)));
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < stacks->course_room[measure] &&
	     i < stacks->node_count; i++)
		for (unsigned int j = 0; j < STACK_MOMENTS; j++)
			sums[now[i]].values[j] += courses[i].values[j];
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_rises(sums[i].values));
	free(sums);
	return list;
}

static json_t *
json_measures(const struct stacks *stacks)
{
	json_t *measures = cli_need(json_array());

	for (unsigned int m = 0; m < stacks->measure_count; m++)
		json_array_append_new(measures, json_pack(
			"[s, s]", stacks->measures[m].name,
			stacks->measures[m].unit));
	return measures;
}

/*
 * Nodes and frames are numbered anew; the new number of a node that is left
 * out is its caller's.
 */
json_t *
page_stacks(const struct stacks *stacks, uint32_t most)
{
	bool *kept = choose_nodes(stacks, most);
	uint32_t *now = cli_need(calloc(stacks->node_count, sizeof(*now)));
	uint32_t *frame = cli_need(calloc((size_t)stacks->frame_count + 1,
					  sizeof(*frame)));
	json_t *nodes = json_array(), *frames = json_array();
	json_t *courses = json_array();

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
		json_array_append_new(courses, stacks->courses[m] == NULL
			? json_null() : json_courses(stacks, m, now,
						     json_array_size(nodes)));
	free(kept);
	free(now);
	free(frame);
	return cli_need(json_pack("{s:o, s:i, s:o, s:o, s:o}", "measures",
				  json_measures(stacks), "chosen",
				  (int)stacks->chosen, "frames", frames,
				  "nodes", nodes, "courses", courses));
}
