/* SPDX-License-Identifier: MIT */
/* paths.h - through what is an object held, from which root? */
#ifndef PMT_HEAP_PATHS_H
#define PMT_HEAP_PATHS_H

#include "heap/ways.h"

/*
 * One shortest path to every object, found breadth first from the roots of
 * one kind after the other (enum pmt_root_kind).  References from an object to
 * its type and from a function to its globals are followed last of all, or
 * every path would run through them.
 * Objects are numbered by the way in which they are reached (ways.h).  No
 * recursion; no locks.
 */
struct pmt_paths {
	const struct pmt_heap *heap;
	uint32_t *parent;	/* PMT_NO_NODE: not reached; a root's: itself */
	uint32_t *by;		/* the edge from it; of a root its way */
	uint32_t *way;		/* 0: not reached */
	struct pmt_ways ways;

	struct pmt_room room[3];	/* of the arrays above, in order */
	struct pmt_room queue;
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
 * A number for WAY that is the same in each graph of a program: made of the
 * names of its steps, and of a frame's without the line, where it will not be
 * for long.  Ways that differ in that line alone share one.
 */
static inline uint64_t
pmt_way_key(const struct pmt_paths *paths, uint32_t way)
{
	return paths->ways.way[way].key;
}

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
