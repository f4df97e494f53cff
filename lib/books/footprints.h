/* SPDX-License-Identifier: MIT */
/* footprints.h - how did the memory of a process go, from start to end? */
#ifndef PMT_FOOTPRINTS_H
#define PMT_FOOTPRINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "books/timeline.h"
#include "log/memory.h"

/* What a log noted at one moment. */
struct pmt_footprint {
	bool noted;
	int64_t clock;		/* nanoseconds */
	struct pmt_memory memory;
};

/* Of so many moments all is kept; beyond that every second one goes. */
enum { PMT_FOOTPRINTS_NOTED = 64 };

/*
 * RSS over time, and what it was made of at the start, at the highest moment
 * that was noted, at the last one, and at those between, in their order.
 * Zeroed memory is a new one.
 */
struct pmt_footprints {
	int64_t first_rss, last_rss;	/* bytes; 0: not known yet */
	int64_t peak_rss;	/* of rows and notes */
	int64_t mark_rss, mark_clock;	/* when it came to within 1/64 of it */
	int64_t exit_clock;	/* when the traced code ended; 0: not known */
	int64_t exit_rss;	/* then */
	uint64_t exit_used;	/* by objects and C code, then */
	uint64_t imports;	/* what they took of it; 0: nobody knows */
	bool exiting;		/* functions of atexit run: nothing counts */
	int64_t pause, pause_end;	/* the longest; see below */
	struct pmt_footprint start, peak, end;
	struct pmt_footprint noted[PMT_FOOTPRINTS_NOTED];
	unsigned int noted_count, noted_stride, noted_skipped;
	struct pmt_timeline timeline;
	struct pmt_series rss;
};

/* RSS over time begins at CLOCK only; first_rss remains. */
void pmt_footprints_restart(struct pmt_footprints *footprints, int64_t clock);

/* For the inline function: RSS has changed. */
void pmt_footprints_set(struct pmt_footprints *footprints, int64_t clock,
			int64_t rss);

/* Higher than the mark by more than 1/64?  The mark is never below 0. */
static inline bool
pmt_footprints_is_higher(const struct pmt_footprints *footprints, int64_t rss)
{
	return rss > footprints->mark_rss &&
	       rss - footprints->mark_rss > footprints->mark_rss / 64;
}

/*
 * A row says RSS was so many bytes.  True: this is the peak so far, higher than
 * the former one by more than 1/64.  What an allocator has been given back, and
 * keeps, makes RSS stand still: the last of such moments would be one at which
 * what made RSS so high is long gone.
 */
static inline bool
pmt_footprints_rss(struct pmt_footprints *footprints, int64_t clock,
		   int64_t rss)
{
	bool higher = !footprints->exiting &&
		      pmt_footprints_is_higher(footprints, rss);

	if (pmt_unlikely(rss != footprints->last_rss) && !footprints->exiting)
		pmt_footprints_set(footprints, clock, rss);
	return higher;
}

/*
 * A MSG row says TEXT.  True: it told of memory, and *higher is set as above.
 */
bool pmt_footprints_note(struct pmt_footprints *footprints, int64_t clock,
			 struct pmt_text text, bool *higher) PMT_MUST_CHECK;

/* Bytes that allocators have handed out; 0: not known. */
uint64_t pmt_footprints_used(const struct pmt_memory *memory);

/*
 * Bytes that a forked process shared with its parent at first, and with nobody
 * at the end: copied on write, or the others have gone.  False: not known, or
 * not forked.
 */
bool pmt_footprints_unshared(const struct pmt_footprints *footprints,
			     uint64_t *bytes);

/*
 * Nothing happened between two clocks while a child of the process looked who
 * holds what.  A collection then copies each page that it touches.
 */
void pmt_footprints_pause(struct pmt_footprints *footprints, int64_t from,
			  int64_t until);

/*
 * TIMELINE up to the end of the traced code: what a tracer's own cleaning up
 * takes after it would look like a plateau.  So would a pause that copying
 * pages can explain and that ends where the program does: then up to that.
 */
struct pmt_timeline
pmt_footprints_axis(const struct pmt_footprints *footprints,
		    const struct pmt_timeline *timeline);

/* RSS at COUNT evenly spaced moments. */
void pmt_footprints_curve(const struct pmt_footprints *footprints,
			  int64_t *samples, unsigned count);

#endif
