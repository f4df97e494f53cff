/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/ways.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static size_t
way_hash(const struct pmt_way *way)
{
	uint64_t hash = way->above * 0x9e3779b97f4a7c15u;

	hash = (hash ^ hash >> 31 ^ way->label) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ hash >> 29 ^ way->type) * 0x94d049bb133111ebu;
	return (size_t)(hash ^ hash >> 32);
}

static uint32_t *
way_slot(const struct pmt_ways *ways, const struct pmt_way *way)
{
	size_t mask = ways->slots.bytes / sizeof(uint32_t);
	uint32_t *slot = ways->slots.start;

	/* The largest power of two that fits, less one. */
	mask = ((size_t)1 << (63 - __builtin_clzl(mask))) - 1;
	for (size_t i = way_hash(way) & mask;; i = (i + 1) & mask) {
		const struct pmt_way *known = &ways->way[slot[i]];

		if (slot[i] == 0 ||
		    (known->above == way->above && known->label == way->label &&
		     known->type == way->type))
			return &slot[i];
	}
}

static int
grow_slots(struct pmt_ways *ways)
{
	int err;

	if (ways->count + (size_t)1 < ways->slots.bytes / 16)
		return 0;
	pmt_room_free(&ways->slots);
	err = pmt_room_grow(&ways->slots,
			    (ways->count + (size_t)4096) * 32);
	if (err < 0)
		return err;
	for (uint32_t i = 1; i <= ways->count; i++)
		*way_slot(ways, &ways->way[i]) = i;
	return 0;
}

static uint64_t
hash_name(const struct pmt_heap *heap, uint32_t name, uint64_t seed)
{
	const char *text = pmt_names_text(&heap->names, name);

	return XXH3_64bits_withSeed(text, strlen(text), seed);
}

/* "serve() app/main.py:29<frame>" goes on to other lines. */
static uint64_t
hash_frame(const struct pmt_heap *heap, uint32_t name, uint64_t seed)
{
	const char *text = pmt_names_text(&heap->names, name);
	const char *colon = strrchr(text, ':'), *rest;

	if (colon == NULL)
		return hash_name(heap, name, seed);
	rest = colon + 1 + strspn(colon + 1, "0123456789");
	seed = XXH3_64bits_withSeed(text, (size_t)(colon - text), seed);
	return XXH3_64bits_withSeed(rest, strlen(rest), seed);
}

/* Numbers of names, of which labels are made, differ from graph to graph. */
static uint64_t
make_key(const struct pmt_ways *ways, const struct pmt_way *way)
{
	const struct pmt_heap *heap = ways->heap;
	uint64_t seed = way->above == 0 ? 0 : ways->way[way->above].key;
	uint32_t label = way->label;

	if (way->above == 0 && label == PMT_ROOT_FRAME)
		return hash_frame(heap, way->type, PMT_ROOT_FRAME);
	if (way->above != 0 && label >= PMT_EDGE_NAMES) {
		uint32_t name = label - PMT_EDGE_NAMES;

		seed = hash_name(heap, name >> 2, seed + (name & 3));
		label = PMT_EDGE_NAMES;
	}
	return hash_name(heap, way->type, seed + label);
}

/* The number of WAY, 0 if there is no memory for it. */
static uint32_t
number_way(struct pmt_ways *ways, const struct pmt_way *way)
{
	uint32_t *slot;

	if (grow_slots(ways) < 0)
		return 0;
	slot = way_slot(ways, way);
	if (*slot != 0)
		return *slot;
	if (pmt_room_grow(&ways->room,
			  (ways->count + (size_t)2) * sizeof(*way)) < 0)
		return 0;
	ways->way = ways->room.start;
	*slot = ++ways->count;
	ways->way[*slot] = *way;
	ways->way[*slot].key = make_key(ways, way);
	return *slot;
}

static bool
same_step(const struct pmt_way *a, const struct pmt_way *b)
{
	return a->label == b->label && a->type == b->type && a->above != 0 &&
	       b->above != 0;
}

uint32_t
pmt_ways_next(struct pmt_ways *ways, uint32_t above, uint32_t label,
	      uint32_t type)
{
	struct pmt_way step = { .above = above, .label = label, .type = type };
	struct pmt_way *last = &ways->way[above], *before, *first;

	if (same_step(&step, last)) {
		last->folds = 1;
		return above;
	}
	before = &ways->way[last->above];
	first = &ways->way[before->above];
	if (last->above != 0 && before->above != 0 &&
	    same_step(&step, before) && same_step(last, first)) {
		before->folds = 2;
		return last->above;
	}
	return number_way(ways, &step);
}

uint32_t
pmt_ways_root(struct pmt_ways *ways, enum pmt_root_kind kind, uint32_t name)
{
	const struct pmt_way way = { .label = kind, .type = name };

	return number_way(ways, &way);
}

int
pmt_ways_init(struct pmt_ways *ways, const struct pmt_heap *heap)
{
	int err;

	*ways = (struct pmt_ways){ .heap = heap };
	err = pmt_room_grow(&ways->room, sizeof(*ways->way));
	ways->way = ways->room.start;
	return err;
}

void
pmt_ways_done(struct pmt_ways *ways)
{
	pmt_room_free(&ways->slots);
}

void
pmt_ways_fini(struct pmt_ways *ways)
{
	pmt_room_free(&ways->room);
	pmt_room_free(&ways->slots);
}
