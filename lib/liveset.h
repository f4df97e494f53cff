/* SPDX-License-Identifier: MIT */
/* liveset.h - which addresses hold an object that a log has seen made? */
#ifndef PMT_LIVESET_H
#define PMT_LIVESET_H

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

/*
 * Put ADDRESS in.  Returns 1 if it was a member already, 0 if not, or
 * -ENOMEM: then it is not a member now.
 */
int pmt_liveset_add(struct pmt_liveset *set, uintptr_t address) PMT_MUST_CHECK;

/* Is ADDRESS in? */
bool pmt_liveset_has(struct pmt_liveset *set, uintptr_t address);

/* Take ADDRESS out.  True if it was in. */
bool pmt_liveset_remove(struct pmt_liveset *set, uintptr_t address);

/*
 * Call VISIT for every member in the order of the addresses.  VISIT may remove
 * members.
 */
void pmt_liveset_visit(struct pmt_liveset *set,
		       void (*visit)(uintptr_t address, void *arg), void *arg);

#endif
