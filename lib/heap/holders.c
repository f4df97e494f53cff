/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/holders.h"

#include <stdio.h>

/* A few objects prove nothing. */
enum { FEW = 8 };

/* So many steps up from an object a container is looked for. */
enum { CLIMB = 64 };

/* Of each way, 0 being garbage: how many objects, and one of them. */
struct tally {
	uint32_t count, example;
};

bool
pmt_holders_by_c(const struct pmt_paths *paths, uint32_t node)
{
	uint32_t way = paths->way[node];

	return way != 0 && paths->ways[way].above == 0 &&
	       paths->ways[way].label == PMT_ROOT_CODE;
}

static bool
is_container(uint32_t label)
{
	return label == PMT_EDGE_ITEM || label == PMT_EDGE_VALUE ||
	       label == PMT_EDGE_KEY;
}

static uint32_t
length_of(const struct pmt_heap *heap, uint32_t node, uint32_t label)
{
	uint32_t length = 0;

	for (uint32_t e = heap->first[node]; e < heap->first[node + 1]; e++)
		length += heap->label[e] == label;
	return length;
}

/* Is LENGTH nearer to COUNT than OTHER is, as a ratio? */
static bool
is_nearer(uint64_t length, uint64_t other, uint64_t count)
{
	uint64_t less = length < count ? length : count;
	uint64_t other_less = other < count ? other : count;

	return less * (other + count - other_less) >
	       other_less * (length + count - less);
}

/*
 * Of the lists, dicts ... above NODE, one of COUNT that are held alike, the
 * length of the one that seems to grow with them.
 */
static uint32_t
container_length(const struct pmt_paths *paths, uint32_t node, uint32_t count)
{
	const struct pmt_heap *heap = paths->heap;
	uint32_t best = 0;

	for (unsigned int i = 0; i < CLIMB; i++) {
		uint32_t parent = paths->parent[node], label, length = 0;

		if (parent == node || parent == PMT_NO_NODE)
			break;
		label = heap->label[paths->by[node]];
		if (is_container(label))
			length = length_of(heap, parent, label);
		if (is_nearer(length, best, count))
			best = length;
		node = parent;
	}
	return best;
}

static enum pmt_held_how
verdict_of(const struct pmt_paths *paths, uint32_t way, uint32_t example,
	   bool leaked)
{
	if (way == 0)
		return PMT_GARBAGE;
	if (pmt_holders_by_c(paths, example))
		return leaked ? PMT_LEAKED : PMT_HELD_BY_C;
	switch (pmt_way_root(paths, way)) {
	case PMT_ROOT_FRAME:
		return PMT_HELD_BY_FRAME;
	case PMT_ROOT_CODE:
		return PMT_HELD_BY_C;
	default:
		return PMT_HELD;
	}
}

static uint32_t
largest(const struct tally *tally, uint32_t ways)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i <= ways; i++)
		if (tally[i].count > tally[best].count)
			best = i;
	return best;
}

int
pmt_holders_find(const struct pmt_paths *paths, const uint32_t *node,
		 uint32_t count, const uint8_t *lost, struct pmt_holding *out,
		 uint32_t *room)
{
	uint32_t by_c = 0, without = 0, found = 0, way;
	struct pmt_room memory = { NULL, 0 };
	struct tally *tally;
	int err = pmt_room_grow(&memory, (paths->way_count + (size_t)1) *
					 sizeof(*tally));

	if (err < 0)
		return err;
	tally = memory.start;
	for (uint32_t i = 0; i < count; i++) {
		way = paths->way[node[i]];
		if (tally[way].count++ == 0)
			tally[way].example = node[i];
		if (pmt_holders_by_c(paths, node[i])) {
			by_c++;
			without += lost != NULL && lost[i];
		}
	}
	for (; found < *room; found++) {
		way = largest(tally, paths->way_count);
		if (tally[way].count == 0)
			break;
		out[found] = (struct pmt_holding){
			verdict_of(paths, way, tally[way].example,
				   without >= FEW && without >= by_c / 2),
			tally[way].count, way, tally[way].example,
			container_length(paths, tally[way].example,
					 tally[way].count),
			paths->heap->spare[tally[way].example],
		};
		tally[way].count = 0;
	}
	*room = found;
	pmt_room_free(&memory);
	return 0;
}

static const char *
plural(int32_t n)
{
	return n == 1 ? "" : "s";
}

size_t
pmt_holding_text(const struct pmt_paths *paths,
		 const struct pmt_holding *holding, char *text, size_t size)
{
	static const char *const age[] = {
		"generation 0", "generation 1", "generation 2", "frozen",
	};
	uint8_t marks = paths->heap->marks[holding->example];
	int n;

	switch (holding->verdict) {
	case PMT_GARBAGE:
		/* Bytes and the like are in no generation, but part of one. */
		n = snprintf(text, size, "garbage waiting for the collector"
			     "%s%s", marks & PMT_MARK_TRACKED ? ", " : "",
			     marks & PMT_MARK_TRACKED
			     ? age[marks & PMT_MARK_GENERATION] : "");
		break;
	case PMT_LEAKED:
		n = snprintf(text, size, "leaked reference: C code holds %d "
			     "reference%s more than any object accounts for, "
			     "and no memory has the address",
			     holding->spare, plural(holding->spare));
		break;
	case PMT_HELD_BY_C:
		if (paths->ways[holding->way].above == 0) {
			n = snprintf(text, size,
				     "C code holds %d reference%s",
				     holding->spare, plural(holding->spare));
			break;
		}
		/* fall through */
	default:
		return pmt_way_text(paths, holding->way, text, size);
	}
	return n < (int)size ? (size_t)n : size - 1;
}
