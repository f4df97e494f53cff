/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/census.h"

#include <stdlib.h>

/* Children in the tree of dominators, in rows; the last row is of the roots. */
struct tree {
	struct pmt_room first, child, next, depth;
};

static int
open_tree(struct tree *tree, const struct pmt_dominators *dominators,
	  uint32_t nodes)
{
	size_t bytes = (nodes + (size_t)3) * sizeof(uint32_t);
	uint32_t *first, *child;
	int err = pmt_room_grow(&tree->first, bytes);

	if (err == 0)
		err = pmt_room_grow(&tree->child, bytes);
	if (err == 0)
		err = pmt_room_grow(&tree->next, bytes);
	if (err == 0)
		err = pmt_room_grow(&tree->depth, bytes);
	if (err < 0)
		return err;
	first = tree->first.start;
	child = tree->child.start;
	for (uint32_t i = 0; i < nodes; i++) {
		uint32_t above = dominators->above[i];

		first[(above == PMT_NO_NODE ? nodes : above) + 2]++;
	}
	for (uint32_t i = 0; i <= nodes; i++)
		first[i + 2] += first[i + 1];
	for (uint32_t i = 0; i < nodes; i++) {
		uint32_t above = dominators->above[i];

		child[first[(above == PMT_NO_NODE ? nodes : above) + 1]++] = i;
	}
	return 0;
}

static void
close_tree(struct tree *tree)
{
	pmt_room_free(&tree->first);
	pmt_room_free(&tree->child);
	pmt_room_free(&tree->next);
	pmt_room_free(&tree->depth);
}

static void
enter(struct pmt_census *census, const struct pmt_heap *heap,
      const struct pmt_dominators *dominators, uint32_t node, uint32_t *inside)
{
	struct pmt_census_row *row = &census->row[heap->type[node]];
	uint64_t bytes = (uint64_t)heap->size[node] * 8;

	row->count++;
	row->bytes += bytes;
	census->count++;
	census->bytes += bytes;
	/* What a greater one of its type retains is not counted again. */
	if (inside[heap->type[node]]++ == 0)
		row->retained += dominators->retained[node];
}

/* Down the tree, without recursion: its depth is that of a linked list. */
static void
visit(struct pmt_census *census, const struct pmt_heap *heap,
      const struct pmt_dominators *dominators, struct tree *tree,
      uint32_t *inside)
{
	const uint32_t *first = tree->first.start, *child = tree->child.start;
	uint32_t *next = tree->next.start, *path = tree->depth.start;
	uint32_t depth = 1;

	path[0] = heap->nodes;
	next[heap->nodes] = first[heap->nodes];
	while (depth > 0) {
		uint32_t top = path[depth - 1], node;

		if (next[top] == first[top + 1]) {
			if (--depth > 0)
				inside[heap->type[top]]--;
			continue;
		}
		node = child[next[top]++];
		enter(census, heap, dominators, node, inside);
		next[node] = first[node];
		path[depth++] = node;
	}
}

static int
by_retained(const void *a, const void *b)
{
	const struct pmt_census_row *one = a, *other = b;

	if (one->retained != other->retained)
		return one->retained < other->retained ? 1 : -1;
	return one->type < other->type ? -1 : one->type > other->type;
}

int
pmt_census_init(struct pmt_census *census, const struct pmt_heap *heap,
		const struct pmt_dominators *dominators)
{
	struct pmt_room inside = { NULL, 0 };
	uint32_t names = heap->names.count, kept = 0;
	struct tree tree = { .first = { NULL, 0 } };
	int err = open_tree(&tree, dominators, heap->nodes);

	*census = (struct pmt_census){ .count = 0 };
	if (err == 0)
		err = pmt_room_grow(&inside, (names + (size_t)1) *
					     sizeof(uint32_t));
	if (err == 0)
		err = pmt_room_grow(&census->room, (names + (size_t)1) *
						   sizeof(*census->row));
	census->row = census->room.start;
	if (err == 0) {
		visit(census, heap, dominators, &tree, inside.start);
		for (uint32_t i = 0; i < names; i++) {
			if (census->row[i].count == 0)
				continue;
			census->row[kept] = census->row[i];
			census->row[kept++].type = i;
		}
		census->rows = kept;
		qsort(census->row, kept, sizeof(*census->row), by_retained);
	} else
		pmt_census_fini(census);
	pmt_room_free(&inside);
	close_tree(&tree);
	return err;
}

void
pmt_census_fini(struct pmt_census *census)
{
	pmt_room_free(&census->room);
	*census = (struct pmt_census){ .count = 0 };
}
