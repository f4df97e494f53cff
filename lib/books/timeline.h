/* SPDX-License-Identifier: MIT */
/* timeline.h - how did a number change, from a start to an unknown end? */
#ifndef PMT_TIMELINE_H
#define PMT_TIMELINE_H

#include <stdint.h>

#include "base/common.h"

/*
 * The time axis that many series share.  It begins with 32 short steps; each
 * time they do not reach, steps are joined in pairs.  All times are in
 * nanoseconds.
 */
struct pmt_timeline {
	int64_t start;
	int64_t end;
	uint32_t restarts;
	uint8_t shift;		/* a step lasts 2^shift */
};

#define PMT_TIMELINE_STEPS 32

/* What changes most often: a number, and its least, in this step so far. */
struct pmt_series_now {
	int64_t value, low;
	uint32_t restarts;	/* of the axis, when it was set last */
	uint8_t step, shift;
};

/* What it was at the end of each step before, and the least in it. */
struct pmt_series_past {
	int64_t values[PMT_TIMELINE_STEPS];
	int64_t lows[PMT_TIMELINE_STEPS];
};

/* How one number changed; zeroed memory is a new one. */
struct pmt_series {
	struct pmt_series_now now;
	struct pmt_series_past past;
};

/*
 * One of very many, most of which are 0 but for one step and have no past,
 * which would take ten times as much memory.
 */
struct pmt_sparse_series {
	struct pmt_series_now now;
	struct pmt_series_past *past;	/* NULL: all were 0 */
};

void pmt_timeline_init(struct pmt_timeline *timeline, int64_t start);

/* The axis begins at START only: what a series was before that is no change. */
void pmt_timeline_restart(struct pmt_timeline *timeline, int64_t start);

/* The end is not before CLOCK.  Clocks often stand still, so no branch. */
static inline void
pmt_timeline_reach(struct pmt_timeline *timeline, int64_t clock)
{
	timeline->end = clock > timeline->end ? clock : timeline->end;
}

/* From CLOCK on the number is VALUE.  Time that runs backwards stands still. */
void pmt_series_set(struct pmt_series *series, struct pmt_timeline *timeline,
		    int64_t clock, int64_t value);

/*
 * The same.  Returns 0, 1 when it has taken memory for its past, or -ENOMEM,
 * and then it is as it was.
 */
int pmt_sparse_series_set(struct pmt_sparse_series *series,
			  struct pmt_timeline *timeline, int64_t clock,
			  int64_t value) PMT_MUST_CHECK;

/* A copy with all its steps. */
struct pmt_series pmt_sparse_series_whole(
	const struct pmt_sparse_series *series);

void pmt_sparse_series_fini(struct pmt_sparse_series *series);

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
