/* SPDX-License-Identifier: MIT */
/* trend.h - does a number still grow at the end, or did it only move? */
#ifndef PMT_TREND_H
#define PMT_TREND_H

#include <stdbool.h>
#include <stdint.h>

/* Evenly spaced moments, the last one being the end. */
#define PMT_TREND_MOMENTS 32

struct pmt_trend {
	bool grows;
	bool steadily;		/* nearly all pairs of the half go up */
	double slope;		/* of the last half, per moment, if it grows */
};

/*
 * The slope is that of Theil and Sen: the (lower) median of the slopes between
 * all pairs of moments of the last half, which no spike moves.
 *
 * A number grows if it does so to the end: in the last half and in the last
 * quarter the slope is above 0, and of the pairs more go up than down (Mann and
 * Kendall) by half of all pairs in the half, a quarter of them in the quarter.
 * At least three moments of the half are above the one before.
 * And it must come to what it was not before: the (lower) median of the last
 * quarter is above the third highest moment of the first half.  By 2 %, and so
 * much is the rise over the last half, unless nearly all pairs went up.  So a
 * step that was followed by a plateau, a cache that is full and a saw-tooth do
 * not grow; stairs do.
 */
struct pmt_trend pmt_trend_of(const int64_t values[PMT_TREND_MOMENTS]);

/* Does it come to what it was not before, be it by 1? */
bool pmt_trend_rises(const int64_t values[PMT_TREND_MOMENTS]);

#endif
