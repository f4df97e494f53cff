/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/lengths.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct slot {
	uint64_t key;		/* an inverted address, or a place; 0: free */
	uint64_t place;
	uint64_t length;
};

struct pmt_lengths {
	uint64_t bits;		/* 2^BITS slots; 0: not all is written */
	struct slot slots[];
};

enum { MOST = (PMT_LENGTHS_BYTES - 64) / sizeof(struct slot) };

/* No inverted address has this bit clear. */
static const uint64_t address_bit = (uint64_t)1 << 63;

/* Where NODE is held, as the key of a slot. */
static uint64_t
place_of(const struct pmt_paths *paths, uint32_t node)
{
	return (pmt_way_key(paths, paths->way[node]) & ~address_bit) | 1;
}

static struct slot *
slot_of(const struct pmt_lengths *lengths, uint64_t bits, uint64_t key)
{
	const struct slot *slots = lengths->slots;
	uint64_t mask = ((uint64_t)1 << bits) - 1;
	uint64_t i = key * 0x9e3779b97f4a7c15u >> (64 - bits);

	while (slots[i].key != 0 && slots[i].key != key)
		i = (i + 1) & mask;
	return (struct slot *)(uintptr_t)&slots[i];
}

uint32_t
pmt_container_length(const struct pmt_heap *heap, uint32_t node)
{
	uint32_t items = 0, keys = 0, values = 0;

	for (uint32_t e = heap->first[node]; e < heap->first[node + 1]; e++) {
		items += heap->label[e] == PMT_EDGE_ITEM;
		keys += heap->label[e] == PMT_EDGE_KEY;
		values += heap->label[e] == PMT_EDGE_VALUE;
	}
	/* Keys that are names in the source lead to values with those names. */
	return items > 0 ? items : keys > 0 ? keys : values;
}

static bool
is_type(const struct pmt_heap *heap, uint32_t node, const char *name)
{
	return strcmp(pmt_names_text(&heap->names, heap->type[node]),
		      name) == 0;
}

static bool
is_noted(const struct pmt_paths *paths, uint32_t node)
{
	const struct pmt_heap *heap = paths->heap;

	return paths->way[node] != 0 &&
	       !(heap->marks[node] & PMT_MARK_PSEUDO) &&
	       pmt_container_length(heap, node) > 0 &&
	       !is_type(heap, node, "tuple") &&
	       !is_type(heap, node, "frozenset");
}

static void
note(struct pmt_lengths *lengths, uint64_t bits, const struct pmt_paths *paths,
     uint32_t node)
{
	uint64_t place = place_of(paths, node);
	const struct slot entry = {
		paths->heap->address[node], place,
		pmt_container_length(paths->heap, node),
	};
	struct slot *slot = slot_of(lengths, bits, entry.key);

	*slot = entry;
	slot_of(lengths, bits, place)->key = place;
}

int
pmt_lengths_note(struct pmt_lengths *lengths, const struct pmt_paths *paths)
{
	uint64_t bits = 10, count = 0;

	for (uint32_t i = 0; i < paths->heap->nodes; i++)
		count += is_noted(paths, i);
	/* Two slots each, half of all free. */
	while (count > (uint64_t)1 << bits >> 2)
		bits++;
	if ((uint64_t)1 << bits > MOST)
		return -ENOSPC;
	for (uint32_t i = 0; i < paths->heap->nodes; i++)
		if (is_noted(paths, i))
			note(lengths, bits, paths, i);
	lengths->bits = bits;
	return 0;
}

bool
pmt_lengths_before(const struct pmt_lengths *lengths,
		   const struct pmt_paths *paths, uint32_t node,
		   uint32_t *length)
{
	uint64_t place = place_of(paths, node);
	const struct slot *slot;

	if (lengths->bits == 0)
		return false;
	slot = slot_of(lengths, lengths->bits, paths->heap->address[node]);
	*length = (uint32_t)slot->length;
	if (slot->key != 0)
		return slot->place == place;
	/* One of those at this place may have been this one's forerunner. */
	return slot_of(lengths, lengths->bits, place)->key == 0;
}
