/* SPDX-License-Identifier: MIT */
/* lengths.h - how long was this list, dict ... before? */
#ifndef PMT_HEAP_LENGTHS_H
#define PMT_HEAP_LENGTHS_H

#include "heap/paths.h"

/*
 * The lengths of all containers at one moment, by their address and by the way
 * in which they are held, for the graph of a later one to be compared with.
 * They stand in memory that several processes may share: one writes, and
 * others read after it.  Addresses are inverted, as in graph.h.
 */
struct pmt_lengths;

/* What is not, or not all, written yet knows nothing. */
enum { PMT_LENGTHS_BYTES = 1 << 25 };

/*
 * Note all that PATHS reaches in PMT_LENGTHS_BYTES of zeroes at LENGTHS, of
 * which only what is needed is touched.  Returns 0, or -ENOSPC.
 */
int pmt_lengths_note(struct pmt_lengths *lengths,
		     const struct pmt_paths *paths) PMT_MUST_CHECK;

/*
 * How long was NODE, or another container at its place?  0: there was none at
 * its place.  False: not known, or not which of several.
 */
bool pmt_lengths_before(const struct pmt_lengths *lengths,
			const struct pmt_paths *paths, uint32_t node,
			uint32_t *length) PMT_MUST_CHECK;

/*
 * The length of NODE by now; 0: it is empty, or no container.  What can not
 * grow, as a tuple, has one, too, but is not noted.
 */
uint32_t pmt_container_length(const struct pmt_heap *heap, uint32_t node);

#endif
