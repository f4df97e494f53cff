/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/trend.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
	HALF = PMT_TREND_MOMENTS / 2,
	QUARTER = PMT_TREND_MOMENTS / 4,
	PAIRS = HALF * (HALF - 1) / 2,
};

/* (pairs that go up - pairs that go down) / pairs */
static double
tau(const int64_t *values, size_t count)
{
	int balance = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			balance += (values[j] > values[i]) -
				   (values[j] < values[i]);
	return 2.0 * balance / (double)(count * (count - 1));
}

static int
compare_slopes(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double
median_slope(const int64_t *values, size_t count)
{
	double slopes[PAIRS];
	size_t pairs = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			slopes[pairs++] = ((double)values[j] -
					   (double)values[i]) /
					  (double)(j - i);
	qsort(slopes, pairs, sizeof(slopes[0]), compare_slopes);
	return slopes[(pairs - 1) / 2];
}

static int
compare_values(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* The value that RANK others of the COUNT are below, or as high. */
static double
ranked(const int64_t *values, size_t count, size_t rank)
{
	int64_t sorted[HALF];

	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), compare_values);
	return (double)sorted[rank];
}

/* How many moments are above the one before them. */
static int
rises(const int64_t *values, size_t count)
{
	int found = 0;

	for (size_t i = 1; i < count; i++)
		found += values[i] > values[i - 1];
	return found;
}

static double
level_at_end(const int64_t *values)
{
	return ranked(values + PMT_TREND_MOMENTS - QUARTER, QUARTER,
		      (QUARTER - 1) / 2);
}

static double
level_before(const int64_t *values)
{
	return ranked(values, HALF, HALF - 3);
}

bool
pmt_trend_rises(const int64_t values[PMT_TREND_MOMENTS])
{
	return level_at_end(values) > level_before(values);
}

struct pmt_trend
pmt_trend_of(const int64_t values[PMT_TREND_MOMENTS])
{
	const int64_t *half = values + PMT_TREND_MOMENTS - HALF;
	const int64_t *quarter = values + PMT_TREND_MOMENTS - QUARTER;
	double end = (double)values[PMT_TREND_MOMENTS - 1];
	double level = level_at_end(values), before = level_before(values);
	double rise = tau(half, HALF);
	struct pmt_trend trend = { .steadily = rise >= 0.9 };

	/* Most groups end here: the slopes must be sorted. */
	if (rise < 0.5 || tau(quarter, QUARTER) < 0.25 || level <= before ||
	    rises(half, HALF) < 3)
		return trend;
	trend.slope = median_slope(half, HALF);
	trend.grows = trend.slope > 0 && median_slope(quarter, QUARTER) > 0 &&
		      (trend.steadily ||
		       (trend.slope * (HALF - 1) >= 0.02 * end &&
			level >= 1.02 * before));
	return trend;
}
