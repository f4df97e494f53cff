/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include "heap/grown.h"

#include <string.h>

#include "base/escape.h"
#include "heap/blocks.h"
#include "heap/text.h"

enum {
	PATH = 1024,
	FEW = 10,		/* objects, unless they have */
	MUCH = 1 << 16,		/* bytes */
	PART = 100,
};

/* A few small objects are no growth, nor is less than a part of it all. */
static bool
matters(const struct pmt_kind *kind, uint64_t all)
{
	uint64_t gained = pmt_kind_gained(kind);

	return gained > all / PART &&
	       (gained >= MUCH || kind->count >= kind->before + FEW);
}

/* What gained most but for LAST, and what came before that. */
static const struct pmt_kind *
next_kind(const struct pmt_kinds *kinds, const struct pmt_kind *last,
	  uint64_t all)
{
	const struct pmt_kind *best = NULL;

	for (uint32_t i = 0; i < kinds->kinds; i++) {
		const struct pmt_kind *kind = &kinds->kind[i];
		uint64_t gained = pmt_kind_gained(kind);

		if (!matters(kind, all))
			continue;
		if (last != NULL && (gained > pmt_kind_gained(last) ||
				     (gained == pmt_kind_gained(last) &&
				      kind <= last)))
			continue;
		if (best == NULL || gained > pmt_kind_gained(best))
			best = kind;
	}
	return best;
}

static uint64_t
gained_by_all(const struct pmt_kinds *kinds)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < kinds->kinds; i++)
		sum += pmt_kind_gained(&kinds->kind[i]);
	return sum;
}

static void
put_kind(struct heap_lines *lines, const struct heap_group *group,
	 uint32_t first, uint32_t end, const struct pmt_kind *kind)
{
	const char *name = pmt_names_text(&group->heap.names, kind->type);
	char path[PATH], type[PMT_ESCAPED_SIZE(HEAP_NAME_SIZE)], length[PATH];
	struct pmt_holding holding;
	uint32_t room = 1;

	if (heap_group_holders(group, first, end, &holding, &room) < 0 ||
	    room == 0)
		return;
	pmt_holding_text(&group->paths, &holding, path, sizeof(path));
	pmt_escape_name(name, strnlen(name, HEAP_NAME_SIZE), type);
	pmt_holding_length(&group->paths, &holding, heap_notes.lengths, length,
			   sizeof(length));
	heap_lines_put(lines, "Grown: live=%u before=%u bytes=%llu "
		       "bytes_before=%llu type=%s held=%u by %s%s\n",
		       kind->count, kind->before,
		       (unsigned long long)kind->bytes,
		       (unsigned long long)kind->bytes_before, type,
		       holding.count, path, length);
}

/* Those that gained most, the first of them first; how many. */
static uint32_t
choose_kinds(const struct pmt_kinds *kinds, const struct pmt_kind **kind)
{
	const struct pmt_kind *last = NULL;
	uint64_t all = gained_by_all(kinds);
	uint32_t count = 0;

	while (count < HEAP_GROWN &&
	       (last = next_kind(kinds, last, all)) != NULL)
		kind[count++] = last;
	return count;
}

int
heap_grown_choose(struct heap_grown *grown, struct heap_group *group)
{
	const struct pmt_kinds_before *before = heap_notes.kinds;
	int err;

	*grown = (struct heap_grown){ .count = 0 };
	if (before == NULL || before->count == 0)
		return 0;
	err = pmt_kinds_init(&grown->kinds, &group->paths);
	if (err == 0)
		err = pmt_kinds_compare(&grown->kinds, &group->paths, before);
	if (err < 0)
		return err;
	grown->count = choose_kinds(&grown->kinds, grown->kind);
	return heap_group_add_kinds(group, grown->kind, grown->count,
				    grown->first);
}

void
heap_grown_put(const struct heap_grown *grown, const struct heap_group *group,
	       bool blocks, struct heap_lines *lines)
{
	const struct pmt_kinds *kinds = &grown->kinds;

	if (kinds->count == 0)
		return;
	heap_lines_put(lines, "Grown at the end: live=%llu before=%llu "
		       "bytes=%llu\n", (unsigned long long)kinds->count,
		       (unsigned long long)kinds->before,
		       (unsigned long long)kinds->bytes);
	for (uint32_t i = 0; i < grown->count; i++) {
		put_kind(lines, group, grown->first[i], grown->first[i + 1],
			 grown->kind[i]);
		if (blocks)
			heap_blocks_put(lines, group, grown->first[i],
					grown->first[i + 1]);
	}
}

#endif
