/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/lengths.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* A longer path is not compared. */
enum { STEPS = 64 };

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

static uint64_t
mix(uint64_t hash, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9u;
}

static uint64_t
mix_name(uint64_t hash, const struct pmt_heap *heap, uint32_t name,
	 uint32_t kind)
{
	const char *text = pmt_names_text(&heap->names, name);

	return mix(hash ^ kind, text, strlen(text));
}

/* A frame goes on to other lines. */
static uint64_t
mix_root(uint64_t hash, const struct pmt_heap *heap, const struct pmt_way *root)
{
	const char *text = pmt_names_text(&heap->names, root->type);
	const char *line = root->label == PMT_ROOT_FRAME ? strrchr(text, ':')
							 : NULL;

	return mix(hash ^ root->label, text,
		   line != NULL ? (size_t)(line - text) : strlen(text));
}

/*
 * Where WAY leads, as a number that does not depend on that of the way; 0 if
 * that is too far away.
 */
static uint64_t
place_of(const struct pmt_paths *paths, uint32_t way)
{
	const struct pmt_heap *heap = paths->heap;
	const struct pmt_way *step = &paths->ways[way];
	uint64_t hash = 0xcbf29ce484222325u;

	for (unsigned int i = 0; step->above != 0; i++) {
		uint32_t label = step->label;

		if (i == STEPS)
			return 0;
		if (label >= PMT_EDGE_NAMES)
			hash = mix_name(hash, heap,
					(label - PMT_EDGE_NAMES) >> 2,
					label & 3);
		hash = mix_name(hash, heap, step->type,
				label < PMT_EDGE_NAMES ? label : 4);
		step = &paths->ways[step->above];
	}
	return (mix_root(hash, heap, step) & ~address_bit) | 1;
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
	uint64_t place = place_of(paths, paths->way[node]);
	const struct slot entry = {
		paths->heap->address[node], place,
		pmt_container_length(paths->heap, node),
	};
	struct slot *slot = slot_of(lengths, bits, entry.key);

	*slot = entry;
	if (place != 0)
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
	uint64_t place = place_of(paths, paths->way[node]);
	const struct slot *slot;

	if (lengths->bits == 0 || place == 0)
		return false;
	slot = slot_of(lengths, lengths->bits, paths->heap->address[node]);
	*length = (uint32_t)slot->length;
	if (slot->key != 0)
		return slot->place == place;
	/* One of those at this place may have been this one's forerunner. */
	return slot_of(lengths, lengths->bits, place)->key == 0;
}
