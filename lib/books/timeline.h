/* SPDX-License-Identifier: MIT */
/* timeline.h - how did a number change, from a start to an unknown end? */
#ifndef PMT_TIMELINE_H
#define PMT_TIMELINE_H

#include <stdint.h>

/*
 * The time axis that many series share.  It begins with 32 short steps; each
 * time they do not reach, steps are joined in pairs.  All times are in
 * nanoseconds.
 */
struct pmt_timeline {
	int64_t start;
	int64_t end;
	unsigned shift;		/* a step lasts 2^shift */
};

#define PMT_TIMELINE_STEPS 32

/*
 * What one number was at the end of each step, and the least that it was in
 * it; zeroed memory is a new one.  What changes most often stands together.
 */
struct pmt_series {
	int64_t now, low;	/* of this step, so far */
	unsigned step, shift;
	int64_t values[PMT_TIMELINE_STEPS];	/* of the steps before */
	int64_t lows[PMT_TIMELINE_STEPS];
};

void pmt_timeline_init(struct pmt_timeline *timeline, int64_t start);

/* The end is not before CLOCK.  Clocks often stand still, so no branch. */
static inline void
pmt_timeline_reach(struct pmt_timeline *timeline, int64_t clock)
{
	timeline->end = clock > timeline->end ? clock : timeline->end;
}

/* From CLOCK on the number is VALUE.  Time that runs backwards stands still. */
void pmt_series_set(struct pmt_series *series, struct pmt_timeline *timeline,
		    int64_t clock, int64_t value);

/* The number at COUNT evenly spaced moments, the last one being the end. */
void pmt_series_sample(const struct pmt_series *series,
		       const struct pmt_timeline *timeline, int64_t *samples,
		       unsigned count);

/* And the least that it was in the steps of these moments. */
void pmt_series_sample_lows(const struct pmt_series *series,
			    const struct pmt_timeline *timeline,
			    int64_t *samples, int64_t *lows, unsigned count);

/* The clocks of these moments; several may be the same. */
void pmt_timeline_moments(const struct pmt_timeline *timeline,
			  int64_t *clocks, unsigned count);

#endif
