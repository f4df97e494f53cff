/* SPDX-License-Identifier: MIT */
/* allocations.h - which stacks hold memory, at the end, at the peak? */
#ifndef PMT_BOOKS_ALLOCATIONS_H
#define PMT_BOOKS_ALLOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "books/tallies.h"
#include "log/allocevent.h"

/*
 * The books on a log of allocations.  They are about what the program itself
 * allocates: from its first line to its last, before Python is taken down.
 * Of a sample, each block counts for as many as it stands for.
 */
struct pmt_allocations;

/* Beside the sums of stacks. */
struct pmt_allocations_totals {
	struct pmt_alloc_sum all;
	uint64_t arenas, arena_blocks;	/* pymalloc's, at the end */
	uint64_t before;		/* live when the program began */
	uint64_t rss_begin, rss_end, rss_peak;	/* bytes, 0: unknown */
	uint64_t unknown;		/* frees of what was not known */
	uint64_t rate;			/* of a sample, or 0 */
	uint32_t threads;		/* the highest number */
	bool begun, ended;		/* the marks were there */
};

/* NULL: no memory. */
struct pmt_allocations *pmt_allocations_new(void) PMT_MUST_CHECK;
void pmt_allocations_free(struct pmt_allocations *books);

/* Count one more event.  Returns 0 or -ENOMEM. */
int pmt_allocations_add(struct pmt_allocations *books,
		    const struct pmt_alloc_event *event) PMT_MUST_CHECK;

/* Of the block at ADDRESS now, its node; PMT_NO_BLOCK: none is known there. */
#define PMT_NO_BLOCK UINT32_MAX
uint32_t pmt_allocations_at(const struct pmt_allocations *books,
			    uint64_t address);

/* Bytes that are live now. */
uint64_t pmt_allocations_live(const struct pmt_allocations *books);

/* Bytes that the program has ever allocated by now. */
uint64_t pmt_allocations_allocated(const struct pmt_allocations *books);

/* After the last one: the sums are ready. */
void pmt_allocations_finish(struct pmt_allocations *books);

const struct pmt_allocations_totals *pmt_allocations_totals(
	const struct pmt_allocations *books);

/* Of a node, of a thread; all zero for one that did nothing. */
struct pmt_alloc_sum pmt_allocations_node(const struct pmt_allocations *books,
				      uint32_t node);
struct pmt_alloc_sum pmt_allocations_thread(const struct pmt_allocations *books,
					uint32_t thread);

/* Blocks by size, PMT_TALLIES_SIZES of them (tallies.h). */
const struct pmt_size_tally *pmt_allocations_sizes(
	const struct pmt_allocations *books);

/* Add what a node held at COUNT moments, the last one being the end. */
void pmt_allocations_moments(const struct pmt_allocations *books,
			     uint32_t node, int64_t *moments, unsigned count);

/* How many bytes the program had ever allocated at these moments. */
void pmt_allocations_axis(const struct pmt_allocations *books,
			  int64_t *allocated, unsigned count);

/* As if the program began now. */
void pmt_allocations_begin(struct pmt_allocations *books);

static inline void
pmt_alloc_sum_add(struct pmt_alloc_sum *sum, const struct pmt_alloc_sum *more)
{
	sum->live += more->live;
	sum->blocks += more->blocks;
	sum->at_peak += more->at_peak;
	sum->blocks_at_peak += more->blocks_at_peak;
	sum->total += more->total;
	sum->count += more->count;
	sum->temporary += more->temporary;
	sum->mapped += more->mapped;
}

#endif
