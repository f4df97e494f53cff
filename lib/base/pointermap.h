/* SPDX-License-Identifier: MIT */
/* pointermap.h - what belongs to the thing at this address? */
#ifndef PMT_POINTERMAP_H
#define PMT_POINTERMAP_H

#include <stddef.h>
#include <stdint.h>

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

/* For the inline function below: where KEY begins its search for a slot. */
static inline size_t
pmt_pointermap_home(const struct pmt_pointermap *map, const void *key)
{
	/* Fibonacci hashing; the low bits of an address say little. */
	return (size_t)(((uintptr_t)key >> 4) *
			UINT64_C(0x9e3779b97f4a7c15) >> 20) & map->mask;
}

/* Likewise: the value of KEY, which is not in its first slot, or NULL. */
void *pmt_pointermap_find(const struct pmt_pointermap *map, const void *key);

/* The value of KEY, or NULL. */
static inline void *
pmt_pointermap_get(const struct pmt_pointermap *map, const void *key)
{
	const struct pmt_pointermap_slot *slot =
		&map->slot[pmt_pointermap_home(map, key)];

	return pmt_likely(slot->key == key) ? slot->value
					    : pmt_pointermap_find(map, key);
}

/*
 * Make VALUE, which is not NULL, that of KEY, which is not NULL either.
 * Returns 0 or -ENOMEM, and then the map is as it was.
 */
int pmt_pointermap_put(struct pmt_pointermap *map, const void *key,
		       void *value) PMT_MUST_CHECK;

/* Take KEY out; returns its value, or NULL if it was not in. */
void *pmt_pointermap_remove(struct pmt_pointermap *map, const void *key);

#endif
