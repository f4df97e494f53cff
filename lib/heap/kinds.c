/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/kinds.h"

#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* No bare builtin, as list, dict and str are. */
static bool
has_module(const struct pmt_heap *heap, uint32_t node)
{
	return strchr(pmt_names_text(&heap->names, heap->type[node]), '.') !=
	       NULL;
}

static bool
is_object(const struct pmt_paths *paths, uint32_t node)
{
	return !(paths->heap->marks[node] & PMT_MARK_PSEUDO);
}

/* What may lie above NODE, or PMT_NO_NODE: it is a root, or garbage. */
static uint32_t
above(const struct pmt_paths *paths, uint32_t node)
{
	uint32_t parent = paths->parent[node];

	return parent == node ? PMT_NO_NODE : parent;
}

enum { UNKNOWN, NONE, FIRST };		/* FIRST + node: its owner */

/*
 * OWNER of NODE, one of enum above: the nearest object of a module's type on
 * the path to it, itself not.  Up to where it is known, and down again.
 */
static uint64_t
find_owner(const struct pmt_paths *paths, uint64_t *owner, uint32_t node)
{
	uint32_t at = node, up;
	uint64_t found = NONE;

	for (; owner[at] == UNKNOWN; at = up) {
		up = above(paths, at);
		if (up == PMT_NO_NODE)
			break;
		if (is_object(paths, up) &&
		    has_module(paths->heap, up)) {
			found = FIRST + (uint64_t)up;
			break;
		}
	}
	if (owner[at] != UNKNOWN)
		found = owner[at];
	owner[at] = found;
	for (at = node; owner[at] == UNKNOWN; at = above(paths, at))
		owner[at] = found;
	return found;
}

/* Kinds of one way are a list, from first[WAY] on; numbers from 1 on. */
static int
count_object(struct pmt_kinds *kinds, uint32_t *first, uint32_t type,
	     uint32_t way)
{
	uint32_t number = first[way];

	while (number != 0 && kinds->kind[number - 1].type != type)
		number = kinds->kind[number - 1].next;
	if (number == 0) {
		if (pmt_room_grow(&kinds->room, (kinds->kinds + (size_t)1) *
						sizeof(*kinds->kind)) < 0)
			return -ENOMEM;
		kinds->kind = kinds->room.start;
		number = ++kinds->kinds;
		kinds->kind[number - 1] = (struct pmt_kind){
			.type = type, .way = way, .next = first[way],
		};
		first[way] = number;
	}
	kinds->kind[number - 1].count++;
	return 0;
}

static struct pmt_kind *
kind_of(const struct pmt_kinds *kinds, const uint32_t *first,
	const struct pmt_paths *paths, uint32_t node)
{
	uint32_t number = first[paths->way[node]];

	while (kinds->kind[number - 1].type != paths->heap->type[node])
		number = kinds->kind[number - 1].next;
	return &kinds->kind[number - 1];
}

/* Bytes of NODE go to the kind of its owner, if it has no kind of its own. */
static void
add_bytes(struct pmt_kinds *kinds, const uint32_t *first,
	  const struct pmt_paths *paths, uint64_t *owner, uint32_t node)
{
	uint64_t bytes = (uint64_t)paths->heap->size[node] * 8;
	uint32_t to = node;

	if (!has_module(paths->heap, node)) {
		uint64_t found = find_owner(paths, owner, node);

		if (found >= FIRST)
			to = (uint32_t)(found - FIRST);
	}
	kind_of(kinds, first, paths, to)->bytes += bytes;
	kinds->bytes += bytes;
	kinds->count++;
}

int
pmt_kinds_init(struct pmt_kinds *kinds, const struct pmt_paths *paths)
{
	struct pmt_room owners = { NULL, 0 }, firsts = { NULL, 0 };
	uint32_t nodes = paths->heap->nodes;
	int err = pmt_room_grow(&owners, (nodes + (size_t)1) *
					 sizeof(uint64_t));

	*kinds = (struct pmt_kinds){ .kinds = 0 };
	if (err == 0)
		err = pmt_room_grow(&firsts, (paths->ways.count + (size_t)1) *
					     sizeof(uint32_t));
	for (uint32_t i = 0; i < nodes && err == 0; i++)
		if (is_object(paths, i))
			err = count_object(kinds, firsts.start,
					   paths->heap->type[i],
					   paths->way[i]);
	for (uint32_t i = 0; i < nodes && err == 0; i++)
		if (is_object(paths, i))
			add_bytes(kinds, firsts.start, paths, owners.start, i);
	pmt_room_free(&owners);
	pmt_room_free(&firsts);
	if (err < 0)
		pmt_kinds_fini(kinds);
	return err;
}

void
pmt_kinds_fini(struct pmt_kinds *kinds)
{
	pmt_room_free(&kinds->room);
	*kinds = (struct pmt_kinds){ .kinds = 0 };
}

/* Ways have numbers in one graph only, types have names in all. */
static uint64_t
key_of(const struct pmt_kind *kind, const struct pmt_paths *paths)
{
	const char *type = pmt_names_text(&paths->heap->names, kind->type);

	return XXH3_64bits_withSeed(type, strlen(type),
				    pmt_way_key(paths, kind->way));
}

int
pmt_kinds_remember(const struct pmt_kinds *kinds,
		   const struct pmt_paths *paths,
		   struct pmt_kinds_before *before)
{
	if (kinds->kinds > PMT_ARRAY_SIZE(before->kind))
		return -ENOMEM;
	for (uint32_t i = 0; i < kinds->kinds; i++)
		before->kind[i] = (struct pmt_kind_before){
			.key = key_of(&kinds->kind[i], paths),
			.bytes = kinds->kind[i].bytes,
			.count = kinds->kind[i].count,
		};
	before->kinds = kinds->kinds;
	before->count = kinds->count;
	return 0;
}

/* All kinds with one key: those of a function's frames at different lines. */
struct alike {
	uint64_t key;
	uint64_t bytes_before;
	uint64_t count, before;
};

/* By key; all zeroes are free, as no kind has a count of 0. */
struct index {
	struct alike *slot;
	size_t mask;
};

static struct alike *
find_alike(const struct index *index, uint64_t key)
{
	size_t i = key & index->mask;

	while (index->slot[i].count + index->slot[i].before > 0 &&
	       index->slot[i].key != key)
		i = (i + 1) & index->mask;
	index->slot[i].key = key;
	return &index->slot[i];
}

/* SUM * PART / COUNT, none of which is more than 2^32 but SUM. */
static uint64_t
share(uint64_t sum, uint64_t part, uint64_t count)
{
	return sum / count * part + sum % count * part / count;
}

static void
sum_up(const struct index *index, const struct pmt_kinds *kinds,
       const struct pmt_paths *paths, const struct pmt_kinds_before *before)
{
	for (uint32_t i = 0; i < before->kinds; i++) {
		const struct pmt_kind_before *was = &before->kind[i];
		struct alike *alike = find_alike(index, was->key);

		alike->before += was->count;
		alike->bytes_before += was->bytes;
	}
	for (uint32_t i = 0; i < kinds->kinds; i++)
		find_alike(index, key_of(&kinds->kind[i], paths))->count +=
			kinds->kind[i].count;
}

/*
 * Nobody knows which of several frames was which before: each has the share
 * that it has now.
 */
int
pmt_kinds_compare(struct pmt_kinds *kinds, const struct pmt_paths *paths,
		  const struct pmt_kinds_before *before)
{
	size_t most = (size_t)before->kinds + kinds->kinds;
	struct pmt_room room = { NULL, 0 };
	struct index index = { .mask = 1 };
	int err;

	while (index.mask < 2 * most)
		index.mask *= 2;
	err = pmt_room_grow(&room, index.mask-- * sizeof(*index.slot));
	if (err < 0)
		return err;
	index.slot = room.start;
	sum_up(&index, kinds, paths, before);
	kinds->before = before->count;
	for (uint32_t i = 0; i < kinds->kinds; i++) {
		struct pmt_kind *kind = &kinds->kind[i];
		const struct alike *alike = find_alike(&index,
						       key_of(kind, paths));

		kind->before = (uint32_t)share(alike->before, kind->count,
					       alike->count);
		kind->bytes_before = share(alike->bytes_before, kind->count,
					   alike->count);
	}
	pmt_room_free(&room);
	return 0;
}
