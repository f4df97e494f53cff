/* SPDX-License-Identifier: MIT */
/* kinds.h - how many objects of a type are held in the same way? */
#ifndef PMT_HEAP_KINDS_H
#define PMT_HEAP_KINDS_H

#include <stdint.h>

#include "heap/paths.h"

/* That of what nothing reaches, for the collector to free. */
#define PMT_NO_WAY 0

/*
 * Objects of one type that are held in one way.  Where that type is of a
 * module, other than list, dict or str, their bytes are with all those of such
 * objects that only a path through them leads to, up to the next such type;
 * and those have none of their own.
 */
struct pmt_kind {
	uint32_t type;		/* a name of the graph */
	uint32_t way;		/* of the paths, or PMT_NO_WAY */
	uint32_t count;
	uint32_t before;	/* how many there were; pmt_kinds_compare() */
	uint32_t next;		/* of the same way, + 1 */
	uint64_t bytes, bytes_before;
};

/* No malloc(3): it is done in a child of a fork. */
struct pmt_kinds {
	struct pmt_kind *kind;
	uint32_t kinds;
	uint64_t count, bytes;	/* of all objects */
	uint64_t before;	/* how many there were */
	struct pmt_room room;
};

/* Returns 0 or -ENOMEM. */
int pmt_kinds_init(struct pmt_kinds *kinds,
		   const struct pmt_paths *paths) PMT_MUST_CHECK;
void pmt_kinds_fini(struct pmt_kinds *kinds);

/*
 * How many there were of each kind, by a hash of its names, which stays the
 * same from one graph to the next (pmt_way_key()).  Zeroed memory holds
 * nothing; it may be shared.
 */
struct pmt_kinds_before {
	uint64_t count;		/* of all objects; 0: nobody counted */
	uint32_t kinds;
	struct pmt_kind_before {
		uint64_t key, bytes;
		uint32_t count;
	} kind[1 << 18];
};

/* Fill BEFORE.  Returns 0, or -ENOMEM where there are too many. */
int pmt_kinds_remember(const struct pmt_kinds *kinds,
		       const struct pmt_paths *paths,
		       struct pmt_kinds_before *before) PMT_MUST_CHECK;

/*
 * Fill in what there was before.  What running frames of one function hold, at
 * whatever lines, is one sum, and each kind has its share of it.  Returns 0 or
 * -ENOMEM.
 */
int pmt_kinds_compare(struct pmt_kinds *kinds, const struct pmt_paths *paths,
		      const struct pmt_kinds_before *before) PMT_MUST_CHECK;

/* Bytes that KIND gained, or 0. */
static inline uint64_t
pmt_kind_gained(const struct pmt_kind *kind)
{
	return kind->bytes > kind->bytes_before
		       ? kind->bytes - kind->bytes_before : 0;
}

#endif
