/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hashtext.h"
#include "cli/cli.h"

void
stacks_init(struct stacks *stacks, const struct stack_measure *measures,
	    unsigned int count)
{
	*stacks = (struct stacks){ .measure_count = count, .node_count = 1 };
	memcpy(stacks->measures, measures, count * sizeof(*measures));
	stacks->nodes = cli_need(calloc(1, sizeof(*stacks->nodes)));
	stacks->node_room = 1;
	if (pmt_hash_init(&stacks->by_frame) != 0 ||
	    pmt_hash_init(&stacks->by_node) != 0)
		cli_need(NULL);
}

void
stacks_fini(struct stacks *stacks)
{
	/* The two names of a frame stand in one piece of memory. */
	for (uint32_t i = 0; i < stacks->frame_count; i++)
		free((char *)stacks->frames[i].function.bytes);
	free(stacks->frames);
	free(stacks->nodes);
	for (unsigned int m = 0; m < stacks->measure_count; m++)
		free(stacks->courses[m]);
	pmt_hash_fini(&stacks->by_frame);
	pmt_hash_fini(&stacks->by_node);
}

static bool
same_text(struct pmt_text a, struct pmt_text b)
{
	return a.length == b.length &&
	       (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static bool
same_frame(const struct stack_frame *a, const struct stack_frame *b)
{
	return a->line == b->line && same_text(a->function, b->function) &&
	       same_text(a->file, b->file);
}

static struct stack_frame
copy_frame(const struct stack_frame *frame)
{
	struct stack_frame copy = *frame;
	size_t n = frame->function.length, m = frame->file.length;
	char *text = cli_need(malloc(n + m + 1));

	memcpy(text, frame->function.bytes, n);
	if (m > 0)
		memcpy(text + n, frame->file.bytes, m);
	copy.function.bytes = text;
	copy.file.bytes = text + n;
	return copy;
}

uint32_t
stacks_frame(struct stacks *stacks, const struct stack_frame *frame)
{
	uint64_t hash = pmt_hash_text(pmt_hash_text(frame->line,
						    frame->function),
				      frame->file);
	uint32_t wanted = (uint32_t)hash, place = wanted, found;

	while ((found = pmt_hash_next(&stacks->by_frame, wanted, &place)) != 0)
		if (same_frame(&stacks->frames[found - 1], frame))
			return found - 1;
	if (pmt_hash_reserve(&stacks->by_frame, stacks->frame_count) != 0 ||
	    pmt_array_reserve((void **)&stacks->frames,
			      sizeof(*stacks->frames), stacks->frame_count,
			      &stacks->frame_room) != 0)
		cli_need(NULL);
	stacks->frames[stacks->frame_count] = copy_frame(frame);
	pmt_hash_insert(&stacks->by_frame, wanted, stacks->frame_count);
	return stacks->frame_count++;
}

uint32_t
stacks_node(struct stacks *stacks, uint32_t caller, uint32_t frame)
{
	uint64_t hash = pmt_hash_mix(caller + 0x9e3779b97f4a7c15u,
				     frame ^ 0xbf58476d1ce4e5b9u);
	uint32_t wanted = (uint32_t)hash, place = wanted, found;

	while ((found = pmt_hash_next(&stacks->by_node, wanted, &place)) != 0)
		if (stacks->nodes[found - 1].caller == caller &&
		    stacks->nodes[found - 1].frame == frame)
			return found - 1;
	if (pmt_hash_reserve(&stacks->by_node, stacks->node_count) != 0 ||
	    pmt_array_reserve((void **)&stacks->nodes, sizeof(*stacks->nodes),
			      stacks->node_count, &stacks->node_room) != 0)
		cli_need(NULL);
	stacks->nodes[stacks->node_count] = (struct stack_node){
		.caller = caller, .frame = frame,
	};
	pmt_hash_insert(&stacks->by_node, wanted, stacks->node_count);
	return stacks->node_count++;
}

void
stacks_add_course(struct stacks *stacks, uint32_t node, unsigned int measure,
		  const int64_t values[STACK_MOMENTS])
{
	size_t *room = &stacks->course_room[measure], former = *room;
	struct stack_course **courses = &stacks->courses[measure];

	if (node >= former) {
		*room = 2 * (size_t)stacks->node_count;
		*courses = cli_need(reallocarray(*courses, *room,
						 sizeof(**courses)));
		memset(*courses + former, 0,
		       (*room - former) * sizeof(**courses));
	}
	for (unsigned int i = 0; i < STACK_MOMENTS; i++)
		(*courses)[node].values[i] = (int64_t)(
			(uint64_t)(*courses)[node].values[i] +
			(uint64_t)values[i]);
}

uint64_t *
stacks_totals(const struct stacks *stacks, unsigned int measure)
{
	uint64_t *totals = cli_need(calloc(stacks->node_count,
					   sizeof(*totals)));

	for (uint32_t i = stacks->node_count; i-- > 0; ) {
		totals[i] += stacks->nodes[i].values[measure];
		if (i > 0)
			totals[stacks->nodes[i].caller] += totals[i];
	}
	return totals;
}

uint32_t
stacks_path(const struct stacks *stacks, uint32_t node,
	    uint32_t frames[STACK_DEPTH], bool *cut)
{
	uint32_t depth = 0;

	for (; node != 0 && depth < STACK_DEPTH;
	     node = stacks->nodes[node].caller)
		frames[depth++] = stacks->nodes[node].frame;
	*cut = node != 0;
	return depth;
}
