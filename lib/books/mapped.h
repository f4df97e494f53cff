/* SPDX-License-Identifier: MIT */
/* mapped.h - whose is the memory that mmap gave, of which parts may go? */
#ifndef PMT_MAPPED_H
#define PMT_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/blockmap.h"

/* So many ranges are moved, at most, where one comes or goes. */
enum { PMT_MAPPED_CHUNK = 256 };

struct pmt_mapped_chunk {
	size_t count;		/* at least 1 */
	struct pmt_block ranges[PMT_MAPPED_CHUNK];
};

/* Ranges of addresses that do not overlap, sorted; all zeroes is none. */
struct pmt_mapped {
	struct pmt_mapped_chunk **chunks;
	size_t count, room;
};

void pmt_mapped_fini(struct pmt_mapped *mapped);

/* RANGE overlaps none. */
int pmt_mapped_add(struct pmt_mapped *mapped, const struct pmt_block *range)
	PMT_MUST_CHECK;

/* The range that ADDRESS lies in.  False: there is none. */
bool pmt_mapped_at(const struct pmt_mapped *mapped, uint64_t address,
		   struct pmt_block *range);

/*
 * Take SIZE bytes from ADDRESS on out of whatever ranges lie there.  LOST is
 * told of each part, and of the range that it was taken from.
 */
void pmt_mapped_remove(struct pmt_mapped *mapped, uint64_t address,
		       uint64_t size,
		       void (*lost)(const struct pmt_block *part,
				    const struct pmt_block *range, void *arg),
		       void *arg);

#endif
