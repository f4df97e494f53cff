/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/trend.h"

#include <stddef.h>
#include <stdlib.h>

enum {
	HALF = PMT_TREND_MOMENTS / 2,
	QUARTER = PMT_TREND_MOMENTS / 4,
	PAIRS = HALF * (HALF - 1) / 2,
};

struct fit {
	double slope;		/* per moment */
	double tau;		/* (pairs up - pairs down) / pairs */
};

static int
compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static struct fit
fit(const int64_t *values, size_t count)
{
	double slopes[PAIRS];
	size_t pairs = 0;
	int balance = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			double rise = (double)values[j] - (double)values[i];

			balance += (rise > 0) - (rise < 0);
			slopes[pairs++] = rise / (double)(j - i);
		}
	}
	qsort(slopes, pairs, sizeof(slopes[0]), compare);
	return (struct fit){
		.slope = slopes[(pairs - 1) / 2],
		.tau = (double)balance / (double)pairs,
	};
}

struct pmt_trend
pmt_trend_of(const int64_t values[PMT_TREND_MOMENTS])
{
	struct fit half = fit(values + PMT_TREND_MOMENTS - HALF, HALF);
	struct fit quarter = fit(values + PMT_TREND_MOMENTS - QUARTER,
				 QUARTER);
	double end = (double)values[PMT_TREND_MOMENTS - 1];
	bool rises = half.slope > 0 && half.tau >= 0.5 &&
		     quarter.tau >= 0.25 && quarter.slope > 0;
	bool far = half.slope * (HALF - 1) >= 0.02 * end;

	return (struct pmt_trend){
		.grows = rises && (far || half.tau >= 0.9),
		.slope = half.slope,
	};
}
