/* SPDX-License-Identifier: MIT */
/* holdings.h - which places, stacks and threads hold what was allocated? */
#ifndef ANALYSE_HOLDINGS_H
#define ANALYSE_HOLDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyse/allocations.h"
#include "books/trend.h"

/* A row of a table: a place, a stack or a thread, and what it holds. */
struct holding {
	uint32_t file, line, function;	/* PMT_NO_PART: of no matter */
	uint32_t node;			/* the stack; 0: none */
	uint32_t thread;		/* 0: of no matter */
	struct pmt_alloc_sum sum;
	int64_t moments[PMT_TREND_MOMENTS];	/* live bytes; of stacks */
	bool growing;
};

/*
 * Rows by BY, one of enum pmt_grouping, in the order of ORDER (what is left if
 * that is the default).  *COUNT of them, for the caller to free.
 */
struct holding *holdings_by(const struct reading *reading,
			    const struct allocations *allocations,
			    enum pmt_grouping by, enum pmt_order order,
			    size_t *count);

/* The place of NODE, as rows by BY have it, with no sums. */
struct holding holdings_place(const struct reading *reading,
			      const struct pmt_allocnames *names,
			      enum pmt_grouping by, uint32_t node);

/* What ORDER sorts by. */
uint64_t holdings_rank(const struct pmt_alloc_sum *sum, enum pmt_order order);

/* Is it a file of the program's own, not of Python or of a package? */
bool holdings_is_own(struct pmt_text file);

#endif
