/* SPDX-License-Identifier: MIT */
/* slices.h - how did what a stack holds change while others allocated? */
#ifndef PMT_SLICES_H
#define PMT_SLICES_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/timeline.h"
#include "log/alloclog.h"

/*
 * The live bytes of nodes, over the bytes that were ever allocated: a clock
 * that logs of allocations have, and that stands still where nothing happens.
 * Zeroed memory is none.  Of nodes beyond some 250,000 nothing is kept.
 */
struct pmt_slices {
	struct pmt_series *series;
	size_t room;
	struct pmt_timeline axis;
	/* Of summaries, which tell only this. */
	int64_t (*told)[PMT_ALLOC_MOMENTS];
	size_t told_room;
};

void pmt_slices_fini(struct pmt_slices *slices);

/* Begin anew. */
void pmt_slices_clear(struct pmt_slices *slices);

/* Have room for NODE.  Returns 0 or -ENOMEM. */
int pmt_slices_know(struct pmt_slices *slices, uint32_t node) PMT_MUST_CHECK;

/* When ALLOCATED bytes were, NODE, which is known, holds LIVE. */
void pmt_slices_set(struct pmt_slices *slices, uint32_t node,
		    uint64_t allocated, uint64_t live);

/* Add what a summary says of NODE, which is known.  Returns 0 or -ENOMEM. */
int pmt_slices_tell(struct pmt_slices *slices, uint32_t node,
		    const uint64_t moments[PMT_ALLOC_MOMENTS]) PMT_MUST_CHECK;

/* Add what NODE held at COUNT moments, the last one being the end. */
void pmt_slices_add(const struct pmt_slices *slices, uint32_t node,
		    int64_t *moments, unsigned count);

/* How many bytes had been allocated at these moments. */
void pmt_slices_moments(const struct pmt_slices *slices, int64_t *allocated,
			unsigned count);

#endif
