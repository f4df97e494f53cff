/* SPDX-License-Identifier: MIT */
/* liveset.h - which addresses hold an object that a log has seen made? */
#ifndef PMT_LIVESET_H
#define PMT_LIVESET_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/*
 * One bit for each 16 bytes of the address space, kept in a three-level tree
 * of which only the leaves that are used exist: 1/128 of the memory in which
 * objects lie.  CPython aligns every object to 16 bytes on 64-bit machines
 * (ALIGNMENT in obmalloc), so no two objects share a bit.
 *
 * The tree is memory of our own mappings, never of malloc, so that the traced
 * program's heap stays as it is.  What a set leaves, if it is not much, is kept
 * for the next one.  No locks: the caller has one for each set.
 */
struct pmt_liveset {
	struct pmt_liveset_root *root;
	char *spare;		/* leaves mapped and touched, not yet used */
	char *spare_end;
	size_t bytes;		/* of memory touched for this set so far */
	struct pmt_liveset_chunk *nodes;	/* the root and the branches */
	struct pmt_liveset_chunk *leaves;	/* leaves, in bulk */
	struct pmt_liveset_chunk *filled;	/* of those, where spare is */
};

/*
 * An address is root index, branch index, word in the leaf, bit in the word,
 * 4 bits of alignment.  A leaf is one page.  47 address bits are what Linux
 * gives user space on x86-64, 48 on aarch64; with 5-level paging a program
 * gets addresses beyond only by asking mmap(2) for one, which no allocator of
 * CPython does.
 */
enum {
	PMT_LIVESET_ROOT = 1 << 15,
	PMT_LIVESET_BRANCH = 1 << 14,
	PMT_LIVESET_LEAF = 1 << 9,
	PMT_LIVESET_LEAF_SHIFT = 4 + 6 + 9,
	PMT_LIVESET_BRANCH_SHIFT = PMT_LIVESET_LEAF_SHIFT + 14,
};

/*
 * Where there is something below, the bit of `used` is set; these bits are in
 * its words `first` to `end` - 1.
 */
struct pmt_liveset_branch {
	uint64_t *leaf[PMT_LIVESET_BRANCH];
	uint64_t used[PMT_LIVESET_BRANCH / 64];
	size_t first, end;
	uint64_t touched;	/* a bit for each page of leaf[] */
};

struct pmt_liveset_root {
	struct pmt_liveset_branch *branch[PMT_LIVESET_ROOT];
	uint64_t used[PMT_LIVESET_ROOT / 64];
	size_t first, end;
	uint64_t touched;	/* a bit for each page of branch[] */
};

/* An empty set in the caller's memory.  Returns 0 or -ENOMEM. */
int pmt_liveset_init(struct pmt_liveset *set) PMT_MUST_CHECK;

/*
 * Forget all members, and keep the memory or give it back.  All zeroes is
 * allowed.
 */
void pmt_liveset_fini(struct pmt_liveset *set);

/* For the inline function: make the leaf that covers ADDRESS; or NULL. */
uint64_t *pmt_liveset_make(struct pmt_liveset *set, uintptr_t address);

/* The word that has the bit of ADDRESS, or NULL. */
static inline uint64_t *
pmt_liveset_word(const struct pmt_liveset *set, uintptr_t address)
{
	struct pmt_liveset_branch *branch =
		set->root->branch[(address >> PMT_LIVESET_BRANCH_SHIFT) %
				  PMT_LIVESET_ROOT];
	uint64_t *leaf = pmt_unlikely(branch == NULL) ? NULL
		: branch->leaf[(address >> PMT_LIVESET_LEAF_SHIFT) %
			       PMT_LIVESET_BRANCH];

	return pmt_unlikely(leaf == NULL) ? NULL
		: &leaf[(address >> 10) % PMT_LIVESET_LEAF];
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
	uint64_t *word = pmt_liveset_word(set, address);
	uint64_t bit = pmt_liveset_bit(address);
	int had;

	if (pmt_unlikely(word == NULL)) {
		if (pmt_liveset_make(set, address) == NULL)
			return -ENOMEM;
		word = pmt_liveset_word(set, address);
	}
	had = (*word & bit) != 0;
	*word |= bit;
	return had;
}

/* Is ADDRESS in? */
static inline bool
pmt_liveset_has(const struct pmt_liveset *set, uintptr_t address)
{
	const uint64_t *word = pmt_liveset_word(set, address);

	return word != NULL && (*word & pmt_liveset_bit(address)) != 0;
}

/*
 * Is ADDRESS in, or the one 16 or 32 bytes behind it?  May say yes where a
 * look at each says no.
 */
static inline bool
pmt_liveset_has_near(const struct pmt_liveset *set, uintptr_t address)
{
	const uint64_t *word = pmt_liveset_word(set, address);
	unsigned int bit = address >> 4 & 63;

	/* The three are not always in one word. */
	return bit > 61 || (word != NULL && (*word >> bit & 7) != 0);
}

/* Take ADDRESS out.  True if it was in. */
static inline bool
pmt_liveset_remove(struct pmt_liveset *set, uintptr_t address)
{
	uint64_t *word = pmt_liveset_word(set, address);
	uint64_t bit = pmt_liveset_bit(address);

	if (word == NULL || (*word & bit) == 0)
		return false;
	*word &= ~bit;
	return true;
}

/*
 * Call VISIT for every member in the order of the addresses.  VISIT may remove
 * members.
 */
void pmt_liveset_visit(struct pmt_liveset *set,
		       void (*visit)(uintptr_t address, void *arg), void *arg);

#endif
