/* SPDX-License-Identifier: MIT */
/* paths.h - through what is an object held, from which root? */
#ifndef PMT_HEAP_PATHS_H
#define PMT_HEAP_PATHS_H

#include "heap/graph.h"

/*
 * One shortest path to every object, found breadth first from the roots of
 * one kind after the other (enum pmt_root_kind).  References from an object to
 * its type and from a function to its globals are followed last of all, or
 * every path would run through them.
 *
 * Objects whose paths differ only in which item of a list or dict they go
 * through are of one "way"; a step that repeats, as in a linked list, counts
 * as one.  Ways are numbered from 1.  No recursion; no locks.
 */
struct pmt_way {
	uint32_t above;		/* another way, or 0: NODE is a root's */
	uint32_t label;		/* of the last step, or the root's kind */
	uint32_t type;		/* of what holds; the root's name */
	uint8_t folds;		/* steps that repeat at its end: 0, 1, 2 */
};

struct pmt_paths {
	const struct pmt_heap *heap;
	uint32_t *parent;	/* PMT_NO_NODE: not reached; a root's: itself */
	uint32_t *by;		/* the edge from it; of a root its way */
	uint32_t *way;		/* 0: not reached */
	struct pmt_way *ways;
	uint32_t way_count;

	struct pmt_room room[4];	/* of the arrays above, in order */
	struct pmt_room queue, slots;
};

/*
 * Search HEAP, which stays the caller's and must not change meanwhile.
 * Returns 0 or -ENOMEM.
 */
int pmt_paths_init(struct pmt_paths *paths,
		   const struct pmt_heap *heap) PMT_MUST_CHECK;

void pmt_paths_fini(struct pmt_paths *paths);

/* The kind of the root that WAY, not 0, begins at. */
enum pmt_root_kind pmt_way_root(const struct pmt_paths *paths, uint32_t way);

/*
 * WAY as text, "__main__.book.sessions{*}.messages[*]", cut in the middle if
 * it is longer than SIZE.  Returns its length; TEXT ends in NUL.
 */
size_t pmt_way_text(const struct pmt_paths *paths, uint32_t way, char *text,
		    size_t size);

/* Its last step alone: ".messages"; "" where that leads to attributes. */
size_t pmt_way_step(const struct pmt_paths *paths, uint32_t way, char *text,
		    size_t size);

/* The path to NODE, which was reached, with indices: "__main__.queue[3]". */
size_t pmt_path_text(const struct pmt_paths *paths, uint32_t node, char *text,
		     size_t size);

#endif
