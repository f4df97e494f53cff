/* SPDX-License-Identifier: MIT */
/* pointermap.h - what belongs to the thing at this address? */
#ifndef PMT_POINTERMAP_H
#define PMT_POINTERMAP_H

#include <stddef.h>

#include "base/common.h"

/*
 * Keys are addresses, which are compared and never followed; values are the
 * caller's.  An open hash with linear probing, at most half full.  No locks.
 */
struct pmt_pointermap {
	struct pmt_pointermap_slot {
		const void *key;	/* NULL: free */
		void *value;
	} *slot;
	size_t mask;		/* slots - 1; slots is a power of two */
	size_t count;
};

/* An empty map in the caller's memory.  Returns 0 or -ENOMEM. */
int pmt_pointermap_init(struct pmt_pointermap *map) PMT_MUST_CHECK;

/* Forget all; the values are the caller's.  All zeroes is allowed. */
void pmt_pointermap_fini(struct pmt_pointermap *map);

/* The value of KEY, or NULL. */
void *pmt_pointermap_get(const struct pmt_pointermap *map, const void *key);

/*
 * Make VALUE, which is not NULL, that of KEY, which is not NULL either.
 * Returns 0 or -ENOMEM, and then the map is as it was.
 */
int pmt_pointermap_put(struct pmt_pointermap *map, const void *key,
		       void *value) PMT_MUST_CHECK;

/* Take KEY out; returns its value, or NULL if it was not in. */
void *pmt_pointermap_remove(struct pmt_pointermap *map, const void *key);

#endif
