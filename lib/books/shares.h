/* SPDX-License-Identifier: MIT */
/* shares.h - which parts add up to the resident memory of a process? */
#ifndef PMT_SHARES_H
#define PMT_SHARES_H

#include <stdint.h>

#include "log/memory.h"

enum pmt_share {
	PMT_SHARE_PYTHON,	/* blocks of pymalloc: small Python objects */
	PMT_SHARE_C,		/* blocks of malloc: large objects, C code */
	PMT_SHARE_PYTHON_FREE,	/* free in the arenas of pymalloc */
	PMT_SHARE_C_FREE,	/* free, kept by malloc */
	PMT_SHARE_OTHER,	/* stacks, other mappings, data segments */
	PMT_SHARE_FILE,		/* mapped files: code of programs, libraries */
	PMT_SHARE_SHARED,	/* shared memory */
	PMT_SHARES,
};

/*
 * Bytes of each share; their sum is MEMORY's rss, or what is known of it.
 * Blocks in use count first, then free ones: what an allocator holds beyond the
 * anonymous memory that is resident was never touched, or given back.
 */
void pmt_shares_make(const struct pmt_memory *memory,
		     uint64_t shares[PMT_SHARES]);

/* Free and kept by the allocators, in bytes. */
uint64_t pmt_shares_free(const uint64_t shares[PMT_SHARES]);

/* A few words: "free in pymalloc". */
const char *pmt_share_name(enum pmt_share share);

#endif
