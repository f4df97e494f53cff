/* SPDX-License-Identifier: MIT */
/* hash.h - which elements of an array could have this key? */
#ifndef PMT_HASH_H
#define PMT_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/*
 * A table of the numbers that elements have in the owner's array, by a hash of
 * their keys, which the owner computes and compares.  Nothing is ever taken
 * out, and it is never more than half full.
 */
struct pmt_hash {
	struct pmt_hash_slot {
		uint32_t hash;
		uint32_t number;	/* + 1; 0 is an empty slot */
	} *slots;
	uint32_t mask;
};

/* Begin with an empty one.  Returns 0 or -ENOMEM. */
int pmt_hash_init(struct pmt_hash *table) PMT_MUST_CHECK;

/* Zeroed memory is allowed. */
void pmt_hash_fini(struct pmt_hash *table);

/*
 * The next number with this HASH, + 1, or 0 when there is none left.  *PLACE
 * is the hash at first, and belongs to the search.
 */
static inline uint32_t
pmt_hash_next(const struct pmt_hash *table, uint32_t hash, uint32_t *place)
{
	const struct pmt_hash_slot *slot;

	do
		slot = &table->slots[(*place)++ & table->mask];
	while (slot->number != 0 && slot->hash != hash);
	return slot->number;
}

/* Have room for one more than COUNT numbers.  Returns 0 or -ENOMEM. */
int pmt_hash_reserve(struct pmt_hash *table, uint32_t count) PMT_MUST_CHECK;

/* Enter NUMBER, for which there is room. */
void pmt_hash_insert(struct pmt_hash *table, uint32_t hash, uint32_t number);

#endif
