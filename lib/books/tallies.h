/* SPDX-License-Identifier: MIT */
/* tallies.h - what do stacks and threads hold, now and when most was held? */
#ifndef PMT_TALLIES_H
#define PMT_TALLIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/blockmap.h"
#include "books/slices.h"
#include "log/alloclog.h"

/* SUM.at_peak is of the peak of this epoch, or of an older one and now live. */
struct pmt_tally {
	struct pmt_alloc_sum sum;
	uint64_t epoch;
};

/* Blocks from a power of two of bytes to the next: ever, and now. */
struct pmt_size_tally {
	uint64_t count, blocks, live;
};

enum { PMT_TALLIES_SIZES = 48 };

/* Sums of all, by node and by thread; all zeroes is none. */
struct pmt_tallies {
	struct pmt_alloc_sum all;
	struct pmt_tally *nodes, *threads;
	size_t node_room, thread_room;
	struct pmt_slices slices;	/* of nodes */
	struct pmt_size_tally sizes[PMT_TALLIES_SIZES];
	uint64_t peak_epoch;
	uint64_t rate;			/* of a sample, or 0 */
};

/* How many bytes and blocks one block stands for. */
struct pmt_amount {
	uint64_t bytes, blocks;
};

void pmt_tallies_fini(struct pmt_tallies *tallies);

/* Have room for a node and a thread.  Returns 0 or -ENOMEM. */
int pmt_tallies_know(struct pmt_tallies *tallies, uint32_t node,
		     uint32_t thread) PMT_MUST_CHECK;

/* Forget all that was counted. */
void pmt_tallies_clear(struct pmt_tallies *tallies);

/* Of a block of SIZE bytes; more than itself if this is a sample. */
struct pmt_amount pmt_tallies_amount(const struct pmt_tallies *tallies,
				     uint64_t size);

/* BLOCK's node and thread are known; it comes (SIGN 1) or goes (-1). */
void pmt_tallies_change(struct pmt_tallies *tallies,
			const struct pmt_block *block,
			struct pmt_amount amount, int sign);

/* AMOUNT of blocks of SIZE bytes comes or goes. */
void pmt_tallies_sized(struct pmt_tallies *tallies, uint64_t size,
		       struct pmt_amount amount, int sign);

/* It is a map. */
void pmt_tallies_map(struct pmt_tallies *tallies,
		     const struct pmt_block *block, int sign);

/* A summary tells of blocks from 2^N bytes on. */
void pmt_tallies_sizes(struct pmt_tallies *tallies, uint64_t n,
		       const struct pmt_alloc_sum *sum);

/* It was allocated; it was freed as its thread's last. */
void pmt_tallies_allocated(struct pmt_tallies *tallies,
			   const struct pmt_block *block,
			   struct pmt_amount amount);
void pmt_tallies_temporary(struct pmt_tallies *tallies,
			   const struct pmt_block *block,
			   struct pmt_amount amount);

/* Have at_peak of all sums be of the last peak. */
void pmt_tallies_finish(struct pmt_tallies *tallies);

#endif
