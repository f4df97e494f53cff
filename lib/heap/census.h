/* SPDX-License-Identifier: MIT */
/* census.h - how many objects are there of each type, how large are they? */
#ifndef PMT_HEAP_CENSUS_H
#define PMT_HEAP_CENSUS_H

#include "heap/dominators.h"
#include "heap/graph.h"

struct pmt_census_row {
	uint32_t type;		/* a name of the graph */
	uint64_t count;
	uint64_t bytes;		/* their own */
	uint64_t retained;	/* what only they hold, each byte once */
};

/* The rows are sorted by what is retained, the largest first. */
struct pmt_census {
	struct pmt_census_row *row;
	uint32_t rows;
	uint64_t count, bytes;	/* of all */
	struct pmt_room room;
};

/* Returns 0 or -ENOMEM. */
int pmt_census_init(struct pmt_census *census, const struct pmt_heap *heap,
		    const struct pmt_dominators *dominators) PMT_MUST_CHECK;

void pmt_census_fini(struct pmt_census *census);

#endif
