/* SPDX-License-Identifier: MIT */
/* What pmt-analyse(1) calls growing: shapes that people know, and its rule. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/common.h"
#include "books/trend.h"

enum { MOMENTS = PMT_TREND_MOMENTS };

/* How many of the slopes between two moments are below SLOPE, and how many. */
static void
count_slopes(const int64_t *values, int from, double slope, int *below,
	     int *above)
{
	*below = *above = 0;
	for (int i = from; i < MOMENTS; i++) {
		for (int j = i + 1; j < MOMENTS; j++) {
			double it = (double)(values[j] - values[i]) / (j - i);

			*below += it < slope;
			*above += it > slope;
		}
	}
}

static int
pairs(int from)
{
	return (MOMENTS - from) * (MOMENTS - from - 1) / 2;
}

/* The rule, said of pairs: no sorting, no median. */
static bool
rises(const int64_t *values, int from, double tau)
{
	int down, up;

	count_slopes(values, from, 0, &down, &up);
	return up - down >= tau * pairs(from) && 2 * up > pairs(from);
}

/* The least slope that at least half of the pairs do not exceed. */
static double
median(const int64_t *values, int from)
{
	double least = 0;
	bool found = false;

	for (int i = from; i < MOMENTS; i++) {
		for (int j = i + 1; j < MOMENTS; j++) {
			double it = (double)(values[j] - values[i]) / (j - i);
			int down, up;

			count_slopes(values, from, it, &down, &up);
			if (2 * up <= pairs(from) && (!found || it < least)) {
				least = it;
				found = true;
			}
		}
	}
	return least;
}

/* How many of the moments from FROM to TO are below LEVEL. */
static int
below(const int64_t *values, int from, int to, double level)
{
	int count = 0;

	for (int i = from; i < to; i++)
		count += (double)values[i] < level;
	return count;
}

/* Is the last quarter, but for its lower three, above all but two of before? */
static bool
is_new(const int64_t *values, double factor, bool strictly)
{
	for (int i = MOMENTS - 8; i < MOMENTS; i++) {
		double level = (double)values[i];
		int lower = below(values, MOMENTS - 8, MOMENTS, level);
		int same = below(values, MOMENTS - 8, MOMENTS, level + 1) -
			   lower;

		/* The lower median: three or fewer below, four with it. */
		if (lower <= 3 && lower + same >= 4) {
			int least = 0;

			for (int j = 0; j < MOMENTS / 2; j++)
				least += strictly
					? factor * (double)values[j] < level
					: factor * (double)values[j] <= level;
			return least >= MOMENTS / 2 - 2;
		}
	}
	return false;
}

static void
check_rule(const int64_t values[MOMENTS])
{
	struct pmt_trend trend = pmt_trend_of(values);
	double end = (double)values[MOMENTS - 1];
	int half = MOMENTS / 2, down, up, steps = 0;
	bool expected;

	/* The slope is a median: at most half of them on each side. */
	count_slopes(values, half, trend.slope, &down, &up);
	if (trend.grows)
		assert_true(2 * down <= pairs(half) && 2 * up <= pairs(half));
	expected = rises(values, half, 0.5) &&
		   rises(values, MOMENTS - MOMENTS / 4, 0.25);
	count_slopes(values, half, 0, &down, &up);
	for (int i = half + 1; i < MOMENTS; i++)
		steps += values[i] > values[i - 1];
	expected = expected && steps >= 3 && is_new(values, 1, true) &&
		   ((median(values, half) * (half - 1) >= 0.02 * end &&
		     is_new(values, 1.02, false)) ||
		    up - down >= 0.9 * pairs(half));
	assert_int_equal(trend.grows, expected);
}

static void
the_rule_on_random_walks(void **state)
{
	int grow = 0;

	(void)state;
	srandom(1);
	for (int run = 0; run < 300; run++) {
		int64_t values[MOMENTS], now = random() % 100;
		long up = random() % 5;

		for (int i = 0; i < MOMENTS; i++) {
			now += random() % (4 + up) - 2;
			now = now < 0 ? 0 : now;
			values[i] = now;
		}
		check_rule(values);
		grow += pmt_trend_of(values).grows;
	}
	assert_in_range(grow, 50, 250);
}

static void
shapes(void **state)
{
	int64_t line[MOMENTS], ring[MOMENTS], stairs[MOMENTS], saw[MOMENTS];
	int64_t leap[MOMENTS], slow[MOMENTS], late[MOMENTS], gone[MOMENTS];

	(void)state;
	for (int i = 0; i < MOMENTS; i++) {
		line[i] = 100 * i;
		ring[i] = i < 5 ? 1000 * i : 5000;
		stairs[i] = i / 4 * 250;
		saw[i] = 500 + i % 7 * 40;
		leap[i] = i < 20 ? 10 : 5000;
		slow[i] = 1000000 + i;
		late[i] = i < 31 ? 0 : 1000;
		gone[i] = i < 24 ? 100 * i : 0;
	}
	assert_true(pmt_trend_of(line).grows);
	assert_true(pmt_trend_of(stairs).grows);
	assert_true(pmt_trend_of(slow).grows);
	assert_false(pmt_trend_of(ring).grows);
	assert_false(pmt_trend_of(saw).grows);
	assert_false(pmt_trend_of(leap).grows);
	assert_false(pmt_trend_of(late).grows);
	assert_false(pmt_trend_of(gone).grows);
	assert_true(pmt_trend_of(line).slope == 100);
}

/* Wherever it is, and whether up or down. */
static void
one_spike_changes_nothing(void **state)
{
	(void)state;
	for (int at = 0; at < MOMENTS; at++) {
		for (int up = 0; up < 2; up++) {
			int64_t line[MOMENTS], flat[MOMENTS];

			for (int i = 0; i < MOMENTS; i++) {
				line[i] = 100 * i;
				flat[i] = 1000;
			}
			line[at] = flat[at] = up ? 100000 : 0;
			assert_true(pmt_trend_of(line).grows);
			assert_false(pmt_trend_of(flat).grows);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_on_random_walks),
		cmocka_unit_test(shapes),
		cmocka_unit_test(one_spike_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
