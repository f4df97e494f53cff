/* SPDX-License-Identifier: MIT */
/* grown.h - of what are there more objects than when the program began? */
#ifndef PMT_HEAP_GROWN_H
#define PMT_HEAP_GROWN_H

#include "heap/lines.h"
#include "heap/notes.h"

/* Kinds that are told, at the most. */
enum { HEAP_GROWN = 12 };

/* For a child; zeroes where nobody noted what there was. */
struct heap_grown {
	struct pmt_kinds kinds;
	const struct pmt_kind *kind[HEAP_GROWN];
	uint32_t count;
	uint32_t first[HEAP_GROWN + 1];		/* nodes of the group */
};

/*
 * Choose what gained most since heap_notes were written; its objects are added
 * to GROUP, where heap_group_seek_lost() is yet to come.  0 or -ENOMEM.
 */
int heap_grown_choose(struct heap_grown *grown,
		      struct heap_group *group) PMT_MUST_CHECK;

/*
 * Tell of them and who holds them, as messages that pmt-log(5) describes; with
 * BLOCKS also where they lie, if a block of that type is one object's only.
 */
void heap_grown_put(const struct heap_grown *grown,
		    const struct heap_group *group, bool blocks,
		    struct heap_lines *lines);

#endif
