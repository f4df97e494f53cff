/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/holders.h"

#include <stdio.h>
#include <string.h>

/* A few objects prove nothing. */
enum { FEW = 8 };

/* So many steps up from an object a container is looked for. */
enum { CLIMB = 64 };

/* Bytes of the name of one. */
enum { NAME = 128 };

/* Of each way, 0 being garbage: how many objects, and one of them. */
struct tally {
	uint32_t count, example;
};

bool
pmt_holders_by_c(const struct pmt_paths *paths, uint32_t node)
{
	uint32_t way = paths->way[node];

	return way != 0 && paths->ways.way[way].above == 0 &&
	       paths->ways.way[way].label == PMT_ROOT_CODE;
}

static bool
is_container(uint32_t label)
{
	return label == PMT_EDGE_ITEM || label == PMT_EDGE_VALUE ||
	       label == PMT_EDGE_KEY;
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
 * Of the lists, dicts ... above the example of HOLDING, the one that seems to
 * grow with all that are held alike.
 */
static void
find_container(const struct pmt_paths *paths, struct pmt_holding *holding)
{
	const struct pmt_heap *heap = paths->heap;
	uint32_t node = holding->example, containers = 0;

	for (unsigned int i = 0; i < CLIMB; i++) {
		uint32_t parent = paths->parent[node], length;

		if (parent == node || parent == PMT_NO_NODE)
			break;
		length = is_container(heap->label[paths->by[node]])
			? pmt_container_length(heap, parent) : 0;
		containers += length > 0;
		if (is_nearer(length, holding->length, holding->count)) {
			holding->length = length;
			holding->container = parent;
		}
		node = parent;
	}
	holding->among = containers > 1;
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
	int err = pmt_room_grow(&memory, (paths->ways.count + (size_t)1) *
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
		way = largest(tally, paths->ways.count);
		if (tally[way].count == 0)
			break;
		out[found] = (struct pmt_holding){
			verdict_of(paths, way, tally[way].example,
				   without >= FEW && without >= by_c / 2),
			tally[way].count, way, tally[way].example,
			0, PMT_NO_NODE, false,
			paths->heap->spare[tally[way].example],
		};
		find_container(paths, &out[found]);
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
		if (paths->ways.way[holding->way].above == 0) {
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

/* ".sessions", " local sessions": only that is a name. */
static const char *
name_of(const struct pmt_paths *paths, uint32_t node, char *text, size_t size)
{
	static const char local[] = " local ";

	pmt_way_step(paths, paths->way[node], text, size);
	if (strncmp(text, local, strlen(local)) == 0)
		return text + strlen(local) - 1;
	if (text[0] != '.' || text[1] == '*')
		return "";
	text[0] = ' ';
	return text;
}

size_t
pmt_holding_length(const struct pmt_paths *paths,
		   const struct pmt_holding *holding,
		   const struct pmt_lengths *before, char *text, size_t size)
{
	const struct pmt_heap *heap = paths->heap;
	uint32_t node = holding->container, length;
	const char *type, *dot;
	char name[NAME];
	int n;

	text[0] = '\0';
	if (node == PMT_NO_NODE)
		return 0;
	if (before == NULL ||
	    !pmt_lengths_before(before, paths, node, &length) ||
	    length >= holding->length) {
		/* What has one item did not come to that by growing. */
		if (holding->length == 1)
			return 0;
		n = snprintf(text, size, " (of %u)", holding->length);
	} else {
		type = pmt_names_text(&heap->names, heap->type[node]);
		dot = strrchr(type, '.');
		n = snprintf(text, size, "; its %s%s grew from %u to %u",
			     dot != NULL ? dot + 1 : type, holding->among
			     ? name_of(paths, node, name, sizeof(name)) : "",
			     length, holding->length);
	}
	return n < (int)size ? (size_t)n : size - 1;
}
