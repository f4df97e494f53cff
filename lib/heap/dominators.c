/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/dominators.h"

#include <errno.h>
#include <string.h>

/*
 * Vertices are numbered in the order of a depth-first search; 0 is the root of
 * all roots, and node i has number[i] > 0.
 */
enum { NUMBER, VERTEX, PARENT, SEMI, ANCESTOR, BEST, ARRAYS };

struct state {
	const struct pmt_heap *heap;
	uint32_t *number;	/* by node; 0: not met */
	uint32_t *vertex;	/* the node of each number */
	uint32_t *parent;	/* by number, from here on */
	uint32_t *semi, *ancestor, *best;
	/* Each of these is where another one is not yet, or not any more. */
	uint32_t *next;		/* the edge to go on with, by number */
	uint32_t *stack;
	uint32_t count, live;	/* live: reached from what is held */
	uint32_t *into, *from;	/* rows of predecessors, by number */
	struct pmt_room room[ARRAYS], rows, edges;
};

static int
open_state(struct state *state, const struct pmt_heap *heap)
{
	size_t bytes = (heap->nodes + (size_t)2) * sizeof(uint32_t);
	int err = 0;

	*state = (struct state){ .heap = heap };
	for (unsigned int i = 0; i < ARRAYS && err == 0; i++)
		err = pmt_room_grow(&state->room[i], bytes);
	if (err == 0)
		err = pmt_room_grow(&state->rows, bytes + sizeof(uint32_t));
	if (err == 0)
		err = pmt_room_grow(&state->edges, (heap->edges +
				    (size_t)1) * sizeof(uint32_t));
	state->number = state->room[NUMBER].start;
	state->vertex = state->room[VERTEX].start;
	state->parent = state->room[PARENT].start;
	state->semi = state->room[SEMI].start;
	state->ancestor = state->room[ANCESTOR].start;
	state->best = state->room[BEST].start;
	state->next = state->semi;
	state->stack = state->ancestor;
	state->into = state->rows.start;
	state->from = state->edges.start;
	return err;
}

static void
close_state(struct state *state)
{
	for (unsigned int i = 0; i < ARRAYS; i++)
		pmt_room_free(&state->room[i]);
	pmt_room_free(&state->rows);
	pmt_room_free(&state->edges);
}

static void
meet(struct state *state, uint32_t node, uint32_t parent)
{
	uint32_t number = ++state->count;

	state->number[node] = number;
	state->vertex[number] = node;
	state->parent[number] = parent;
	state->next[number] = state->heap->first[node];
}

/* Depth first from NODE, which is held by the root of all. */
static void
descend(struct state *state, uint32_t node)
{
	const struct pmt_heap *heap = state->heap;
	uint32_t depth = 0;

	if (state->number[node] != 0)
		return;
	meet(state, node, 0);
	state->stack[depth++] = state->count;
	while (depth > 0) {
		uint32_t top = state->stack[depth - 1], to;

		if (state->next[top] == heap->first[state->vertex[top] + 1]) {
			depth--;
			continue;
		}
		to = heap->target[state->next[top]++];
		if (state->number[to] == 0) {
			meet(state, to, top);
			state->stack[depth++] = state->count;
		}
	}
}

static bool
is_spare(const struct pmt_heap *heap, uint32_t node)
{
	return heap->spare[node] > 0;
}

/* HELD are the nodes that the root of all refers to. */
static void
number_all(struct state *state, uint8_t *held)
{
	const struct pmt_heap *heap = state->heap;

	for (uint32_t i = 0; i < heap->roots; i++)
		held[heap->root[i].node] = 1;
	for (uint32_t i = 0; i < heap->nodes; i++)
		held[i] |= is_spare(heap, i);
	for (uint32_t i = 0; i < heap->nodes; i++)
		if (held[i])
			descend(state, i);
	state->live = state->count;
	for (uint32_t i = 0; i < heap->nodes; i++)
		if (state->number[i] == 0) {
			held[i] = 1;
			descend(state, i);
		}
}

static void
turn_edges(struct state *state)
{
	const struct pmt_heap *heap = state->heap;
	uint32_t *into = state->into;

	for (uint32_t i = 0; i < heap->edges; i++)
		into[state->number[heap->target[i]] + 1]++;
	for (uint32_t i = 0; i <= heap->nodes; i++)
		into[i + 1] += into[i];
	for (uint32_t i = 0; i < heap->nodes; i++)
		for (uint32_t e = heap->first[i]; e < heap->first[i + 1]; e++) {
			uint32_t to = state->number[heap->target[e]];

			state->from[into[to]++] = state->number[i];
		}
	memmove(into + 1, into, (heap->nodes + (size_t)1) * sizeof(*into));
	into[0] = 0;
}

/* The vertex of least semidominator on the path to V; it is compressed. */
static uint32_t
evaluate(struct state *state, uint32_t v)
{
	uint32_t *ancestor = state->ancestor, *best = state->best;
	uint32_t depth = 0, u = v;

	if (ancestor[u] == PMT_NO_NODE)
		return best[u];
	while (ancestor[ancestor[u]] != PMT_NO_NODE) {
		state->stack[depth++] = u;
		u = ancestor[u];
	}
	while (depth > 0) {
		uint32_t w = state->stack[--depth], above = ancestor[w];

		if (state->semi[best[above]] < state->semi[best[w]])
			best[w] = best[above];
		ancestor[w] = ancestor[above];
	}
	return best[v];
}

static void
find_semidominators(struct state *state, const uint8_t *held)
{
	state->stack = state->number;
	for (uint32_t i = 0; i <= state->count; i++) {
		state->semi[i] = state->best[i] = i;
		state->ancestor[i] = PMT_NO_NODE;
	}
	for (uint32_t w = state->count; w > 0; w--) {
		if (held[state->vertex[w]])
			state->semi[w] = 0;
		for (uint32_t e = state->into[w]; e < state->into[w + 1]; e++) {
			uint32_t u;

			/* Garbage holds nothing that lives. */
			if (w <= state->live && state->from[e] > state->live)
				continue;
			u = evaluate(state, state->from[e]);
			if (state->semi[u] < state->semi[w])
				state->semi[w] = state->semi[u];
		}
		state->ancestor[w] = state->parent[w];
	}
}

/* PARENT turns into the dominators, each before what it dominates. */
static void
finish(struct state *state, struct pmt_dominators *out)
{
	uint32_t *dominator = state->parent;

	for (uint32_t w = 1; w <= state->count; w++) {
		while (dominator[w] > state->semi[w])
			dominator[w] = dominator[dominator[w]];
		out->above[state->vertex[w]] =
			dominator[w] == 0 ? PMT_NO_NODE
					  : state->vertex[dominator[w]];
		out->retained[state->vertex[w]] =
			(uint64_t)state->heap->size[state->vertex[w]] * 8;
	}
	for (uint32_t w = state->count; w > 0; w--) {
		uint32_t node = state->vertex[w];

		if (out->above[node] != PMT_NO_NODE)
			out->retained[out->above[node]] += out->retained[node];
	}
}

int
pmt_dominators_init(struct pmt_dominators *out, const struct pmt_heap *heap)
{
	size_t nodes = heap->nodes + (size_t)1;
	struct pmt_room held = { NULL, 0 };
	struct state state;
	int err = open_state(&state, heap);

	*out = (struct pmt_dominators){ .above = NULL };
	if (err == 0)
		err = pmt_room_grow(&held, nodes);
	if (err == 0)
		err = pmt_room_grow(&out->room[0], nodes * sizeof(uint32_t));
	if (err == 0)
		err = pmt_room_grow(&out->room[1], nodes * sizeof(uint64_t));
	out->above = out->room[0].start;
	out->retained = out->room[1].start;
	if (err == 0) {
		number_all(&state, held.start);
		turn_edges(&state);
		find_semidominators(&state, held.start);
		finish(&state, out);
	} else
		pmt_dominators_fini(out);
	pmt_room_free(&held);
	close_state(&state);
	return err;
}

void
pmt_dominators_fini(struct pmt_dominators *dominators)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(dominators->room); i++)
		pmt_room_free(&dominators->room[i]);
	*dominators = (struct pmt_dominators){ .above = NULL };
}
