/* SPDX-License-Identifier: MIT */
/* dominators.h - what would be freed if this object were? */
#ifndef PMT_HEAP_DOMINATORS_H
#define PMT_HEAP_DOMINATORS_H

#include "heap/graph.h"

/*
 * An object dominates another if every path from a root to that one leads
 * through it; all that it dominates, with itself, is its retained size.
 * Found by the semi-NCA algorithm (Georgiadis).  What no root reaches, garbage
 * that waits for the collector, counts as held by itself, and holds nothing
 * else.
 */
struct pmt_dominators {
	uint32_t *above;	/* the nearest one, or PMT_NO_NODE: none */
	uint64_t *retained;	/* bytes, of each node */

	struct pmt_room room[2];	/* of the arrays above, in order */
};

/* Returns 0 or -ENOMEM.  HEAP is not needed afterwards. */
int pmt_dominators_init(struct pmt_dominators *dominators,
			const struct pmt_heap *heap) PMT_MUST_CHECK;

void pmt_dominators_fini(struct pmt_dominators *dominators);

#endif
