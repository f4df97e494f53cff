/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/graph.h"

#include <errno.h>

enum { FIRST_NODES = 1 << 15, FIRST_BITS = 17 };

/* Of the address of 16 bytes within a page. */
enum { PAGE_BITS = 8, PAGE_MASK = (1 << PAGE_BITS) - 1 };

/* Of the rooms. */
enum { ADDRESS, FIRST, TYPE, SIZE, SPARE, MARKS, TARGET, LABEL, ROOT };

/* The arrays of nodes have one element more than there are nodes. */
static int
reserve_nodes(struct pmt_heap *heap, uint64_t nodes)
{
	static const uint8_t size[] = { 8, 4, 4, 4, 4, 1 };

	for (unsigned int i = ADDRESS; i <= MARKS; i++) {
		int err = pmt_room_grow(&heap->room[i], (nodes + 1) * size[i]);

		if (err < 0)
			return err;
	}
	heap->address = heap->room[ADDRESS].start;
	heap->first = heap->room[FIRST].start;
	heap->type = heap->room[TYPE].start;
	heap->size = heap->room[SIZE].start;
	heap->spare = heap->room[SPARE].start;
	heap->marks = heap->room[MARKS].start;
	heap->capacity = nodes;
	return 0;
}

static int
reserve_edges(struct pmt_heap *heap, uint64_t edges)
{
	int err = pmt_room_grow(&heap->room[TARGET], (edges + 1) * 4);

	if (err == 0)
		err = pmt_room_grow(&heap->room[LABEL], (edges + 1) * 4);
	if (err < 0)
		return err;
	heap->target = heap->room[TARGET].start;
	heap->label = heap->room[LABEL].start;
	return 0;
}

/*
 * The slot of ADDRESS, or the free one where it belongs.  Objects of one page
 * stay beside each other: who is met next is mostly near.
 */
static uint32_t *
slot_of(const struct pmt_heap *heap, uint64_t address)
{
	uint32_t *slot = heap->hash.start;
	uint64_t mask = ((uint64_t)1 << heap->bits) - 1;
	uint64_t page = (address >> 12) * 0x9e3779b97f4a7c15u >>
			(64 + PAGE_BITS - heap->bits);
	/* Frames differ from objects in the lowest bit. */
	uint64_t i = ((page << PAGE_BITS | (address >> 4 & PAGE_MASK)) +
		      (address & 1)) & mask;

	while (slot[i] != 0 && heap->address[slot[i] - 1] != ~address)
		i = (i + 1) & mask;
	return &slot[i];
}

static int
rehash(struct pmt_heap *heap, unsigned int bits)
{
	struct pmt_room bigger = { NULL, 0 };
	int err = pmt_room_grow(&bigger, sizeof(uint32_t) << bits);

	if (err < 0)
		return err;
	pmt_room_free(&heap->hash);
	heap->hash = bigger;
	heap->bits = bits;
	for (uint32_t i = 0; i < heap->nodes; i++)
		*slot_of(heap, pmt_heap_address(heap, i)) = i + 1;
	return 0;
}

int
pmt_heap_init(struct pmt_heap *heap, uint32_t nodes, uint32_t edges)
{
	int err;

	*heap = (struct pmt_heap){ .err = 0 };
	err = reserve_nodes(heap, nodes < FIRST_NODES ? FIRST_NODES : nodes);
	if (err == 0)
		err = reserve_edges(heap, edges);
	if (err == 0)
		err = pmt_room_grow(&heap->room[ROOT], sizeof(*heap->root));
	if (err == 0)
		err = rehash(heap, FIRST_BITS);
	heap->root = heap->room[ROOT].start;
	if (err < 0)
		pmt_heap_fini(heap);
	return err;
}

void
pmt_heap_fini(struct pmt_heap *heap)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(heap->room); i++)
		pmt_room_free(&heap->room[i]);
	pmt_room_free(&heap->hash);
	pmt_names_fini(&heap->names);
	*heap = (struct pmt_heap){ .err = 0 };
}

uint32_t
pmt_heap_find(const struct pmt_heap *heap, uint64_t address)
{
	return *slot_of(heap, address) - 1;
}

uint32_t
pmt_heap_add(struct pmt_heap *heap, uint64_t address)
{
	uint32_t *slot = slot_of(heap, address);

	if (pmt_likely(*slot != 0))
		return *slot - 1;
	if (heap->nodes >= UINT32_MAX - 2)
		goto fail;
	if (heap->nodes >= ((uint64_t)7 << heap->bits) / 10) {
		if (rehash(heap, heap->bits + 1) < 0)
			goto fail;
		slot = slot_of(heap, address);
	}
	if (heap->nodes == heap->capacity &&
	    reserve_nodes(heap, heap->nodes + (uint64_t)heap->nodes / 2) < 0)
		goto fail;
	heap->address[heap->nodes] = ~address;
	*slot = ++heap->nodes;
	return heap->nodes - 1;
fail:
	heap->err = -ENOMEM;
	return PMT_NO_NODE;
}

void
pmt_heap_edge(struct pmt_heap *heap, uint32_t to, uint32_t label)
{
	if (to == PMT_NO_NODE)
		return;
	if (pmt_unlikely((heap->edges + (uint64_t)2) * 4 >
			 heap->room[LABEL].bytes) &&
	    (heap->edges >= UINT32_MAX - 2 ||
	     reserve_edges(heap, heap->edges + (uint64_t)1024) < 0)) {
		heap->err = -ENOMEM;
		return;
	}
	heap->target[heap->edges] = to;
	heap->label[heap->edges++] = label;
}

void
pmt_heap_walked(struct pmt_heap *heap)
{
	heap->first[++heap->walked] = heap->edges;
}

void
pmt_heap_root(struct pmt_heap *heap, uint32_t node, enum pmt_root_kind kind,
	      const char *name, size_t length)
{
	uint32_t number = pmt_names_add(&heap->names, name, length);

	if (node == PMT_NO_NODE)
		return;
	if (number == PMT_NO_NAME ||
	    pmt_room_grow(&heap->room[ROOT], (heap->roots + (size_t)1) *
					     sizeof(*heap->root)) < 0) {
		heap->err = -ENOMEM;
		return;
	}
	heap->root = heap->room[ROOT].start;
	heap->root[heap->roots++] = (struct pmt_root){ node, kind, number };
}
