/* SPDX-License-Identifier: MIT */
/* liveset.h - which addresses hold an object that a log has seen made? */
#ifndef PMT_LIVESET_H
#define PMT_LIVESET_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common.h"

/*
 * One bit for each 16 bytes of the address space, kept in a three-level tree
 * of which only the leaves that are used exist: 1/128 of the memory in which
 * objects lie.  CPython aligns every object to 16 bytes on 64-bit machines
 * (ALIGNMENT in obmalloc), so no two objects share a bit.
 *
 * The tree is memory of our own mappings, never of malloc, so that the traced
 * program's heap stays as it is.  No locks: the caller has one.
 */
struct pmt_liveset {
	struct pmt_liveset_branch **root;
	uint64_t *leaf;		/* the leaf used last ... */
	uintptr_t leaf_number;	/* ... and the addresses that it covers */
	char *spare;		/* leaves mapped and touched, not yet used */
	char *spare_end;
	size_t bytes;		/* of memory touched for this set so far */
	struct pmt_liveset_chunk *chunks;
};

/* An empty set in the caller's memory.  Returns 0 or -ENOMEM. */
int pmt_liveset_init(struct pmt_liveset *set) PMT_MUST_CHECK;

/* Forget all members and give the memory back. */
void pmt_liveset_fini(struct pmt_liveset *set);

/* For the inline functions: the leaf that covers ADDRESS, or NULL. */
uint64_t *pmt_liveset_find(struct pmt_liveset *set, uintptr_t address,
			   bool make);

/* An address is leaf number, 9 bits of word, 6 of bit, 4 of alignment. */
static inline uint64_t *
pmt_liveset_leaf(struct pmt_liveset *set, uintptr_t address, bool make)
{
	if (pmt_likely(address >> 19 == set->leaf_number))
		return set->leaf;
	return pmt_liveset_find(set, address, make);
}

static inline size_t
pmt_liveset_word(uintptr_t address)
{
	return address >> 10 & 511;
}

static inline uint64_t
pmt_liveset_bit(uintptr_t address)
{
	return UINT64_C(1) << (address >> 4 & 63);
}

/*
 * Put ADDRESS in.  Returns 1 if it was a member already, 0 if not, or
 * -ENOMEM: then it is not a member now.
 */
static inline PMT_MUST_CHECK int
pmt_liveset_add(struct pmt_liveset *set, uintptr_t address)
{
	uint64_t *leaf = pmt_liveset_leaf(set, address, true);
	uint64_t *word, bit = pmt_liveset_bit(address);
	int had;

	if (pmt_unlikely(leaf == NULL))
		return -ENOMEM;
	word = &leaf[pmt_liveset_word(address)];
	had = (*word & bit) != 0;
	*word |= bit;
	return had;
}

/* Is ADDRESS in? */
static inline bool
pmt_liveset_has(struct pmt_liveset *set, uintptr_t address)
{
	uint64_t *leaf = pmt_liveset_leaf(set, address, false);

	return leaf != NULL && (leaf[pmt_liveset_word(address)] &
				pmt_liveset_bit(address)) != 0;
}

/*
 * Is ADDRESS in, or the one 16 or 32 bytes behind it?  May say yes where a
 * look at each says no.
 */
static inline bool
pmt_liveset_has_near(struct pmt_liveset *set, uintptr_t address)
{
	uint64_t *leaf = pmt_liveset_leaf(set, address, false);
	unsigned int bit = address >> 4 & 63;

	/* The three are not always in one word. */
	if (bit > 61)
		return true;
	return leaf != NULL &&
	       (leaf[pmt_liveset_word(address)] >> bit & 7) != 0;
}

/* Take ADDRESS out.  True if it was in. */
static inline bool
pmt_liveset_remove(struct pmt_liveset *set, uintptr_t address)
{
	if (!pmt_liveset_has(set, address))
		return false;
	set->leaf[pmt_liveset_word(address)] &= ~pmt_liveset_bit(address);
	return true;
}

/*
 * Call VISIT for every member in the order of the addresses.  VISIT may remove
 * members.
 */
void pmt_liveset_visit(struct pmt_liveset *set,
		       void (*visit)(uintptr_t address, void *arg), void *arg);

#endif
