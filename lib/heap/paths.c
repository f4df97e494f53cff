/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/paths.h"

#include <errno.h>
#include <string.h>

enum { PARENT, BY, WAY };

/* Attributes within attributes are followed so far in one step. */
enum { DEEPEST = 16 };

struct search {
	struct pmt_paths *paths;
	uint32_t *queue;
	uint32_t head, tail;
};

static bool
is_last_resort(uint32_t label)
{
	return label == PMT_EDGE_CLASS || label == PMT_EDGE_GLOBALS;
}

static void
reach(struct pmt_paths *paths, uint32_t node, uint32_t parent, uint32_t by,
      uint32_t way)
{
	paths->parent[node] = parent;
	paths->by[node] = by;
	paths->way[node] = way;
}

/* Over EDGE.  Returns 1; 0: its end was reached before; -ENOMEM. */
static int
follow(struct search *search, uint32_t from, uint32_t edge, bool all)
{
	struct pmt_paths *paths = search->paths;
	const struct pmt_heap *heap = paths->heap;
	uint32_t to = heap->target[edge], label = heap->label[edge], way;

	if (paths->parent[to] != PMT_NO_NODE ||
	    (!all && is_last_resort(label)))
		return 0;
	way = pmt_ways_next(&paths->ways, paths->way[from], label,
			    heap->type[from]);
	if (way == 0)
		return -ENOMEM;
	reach(paths, to, from, edge, way);
	return 1;
}

/*
 * What leads to an object's attributes is no step that anybody reads: they are
 * as near as the object is.
 */
static int
expand_node(struct search *search, uint32_t from, bool all, unsigned int depth)
{
	struct pmt_paths *paths = search->paths;
	const struct pmt_heap *heap = paths->heap;

	if (heap->marks[from] & PMT_MARK_IGNORED)
		return 0;
	for (uint32_t edge = heap->first[from]; edge < heap->first[from + 1];
	     edge++) {
		uint32_t to = heap->target[edge];
		bool inner = heap->label[edge] == PMT_EDGE_DICT &&
			     depth < DEEPEST;
		int followed = follow(search, from, edge, all);

		if (followed > 0 && !inner)
			search->queue[search->tail++] = to;
		else if (inner && paths->parent[to] == from &&
			 paths->by[to] == edge && to != from)
			followed = expand_node(search, to, all, depth + 1);
		if (followed < 0)
			return followed;
	}
	return 0;
}

static int
expand(struct search *search, bool all)
{
	int err = 0;

	while (search->head < search->tail && err == 0)
		err = expand_node(search, search->queue[search->head++], all,
				  0);
	return err;
}

static int
reach_root(struct search *search, uint32_t node, enum pmt_root_kind kind,
	   uint32_t name)
{
	uint32_t number;

	if (search->paths->parent[node] != PMT_NO_NODE)
		return 0;
	number = pmt_ways_root(&search->paths->ways, kind, name);
	if (number == 0)
		return -ENOMEM;
	reach(search->paths, node, node, number, number);
	search->queue[search->tail++] = node;
	return 0;
}

/* What C code holds, and nothing else. */
static int
reach_spare(struct search *search)
{
	const struct pmt_heap *heap = search->paths->heap;
	int err = 0;

	for (uint32_t i = 0; i < heap->nodes && err == 0; i++)
		if (heap->spare[i] > 0 &&
		    !(heap->marks[i] & PMT_MARK_IGNORED))
			err = reach_root(search, i, PMT_ROOT_CODE,
					 heap->type[i]);
	return err == 0 ? expand(search, false) : err;
}

static int
search_all(struct search *search)
{
	const struct pmt_heap *heap = search->paths->heap;
	int err = 0;

	for (unsigned int kind = 0; kind < PMT_ROOT_CODE && err == 0; kind++) {
		for (uint32_t i = 0; i < heap->roots && err == 0; i++)
			if (heap->root[i].kind == kind)
				err = reach_root(search, heap->root[i].node,
						 kind, heap->root[i].name);
		if (err == 0)
			err = expand(search, false);
	}
	if (err == 0)
		err = reach_spare(search);
	search->head = 0;
	return err == 0 ? expand(search, true) : err;
}

int
pmt_paths_init(struct pmt_paths *paths, const struct pmt_heap *heap)
{
	size_t bytes = (heap->nodes + (size_t)1) * sizeof(uint32_t);
	struct search search = { .paths = paths };
	int err = 0;

	*paths = (struct pmt_paths){ .heap = heap };
	for (unsigned int i = PARENT; i <= WAY && err == 0; i++)
		err = pmt_room_grow(&paths->room[i], bytes);
	if (err == 0)
		err = pmt_ways_init(&paths->ways, heap);
	if (err == 0)
		err = pmt_room_grow(&paths->queue, bytes);
	if (err == 0) {
		paths->parent = paths->room[PARENT].start;
		paths->by = paths->room[BY].start;
		paths->way = paths->room[WAY].start;
		search.queue = paths->queue.start;
		memset(paths->parent, 0xff, bytes);
		err = search_all(&search);
	}
	pmt_room_free(&paths->queue);
	pmt_ways_done(&paths->ways);
	if (err < 0)
		pmt_paths_fini(paths);
	return err;
}

void
pmt_paths_fini(struct pmt_paths *paths)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(paths->room); i++)
		pmt_room_free(&paths->room[i]);
	pmt_ways_fini(&paths->ways);
	pmt_room_free(&paths->queue);
	*paths = (struct pmt_paths){ .heap = NULL };
}
