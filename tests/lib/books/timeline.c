/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "books/timeline.h"

/* Values and times of one series, to be looked up the slow way. */
#define POINTS 2000

static struct {
	int64_t clock, value;
} points[POINTS];

static int64_t
value_at(int64_t clock)
{
	int64_t value = 0;

	for (int i = 0; i < POINTS && points[i].clock <= clock; i++)
		value = points[i].value;
	return value;
}

static int64_t
least_of(int64_t from, int64_t to)
{
	int64_t least = value_at(from);

	for (int i = 0; i < POINTS; i++)
		if (points[i].clock >= from && points[i].clock <= to &&
		    points[i].value < least)
			least = points[i].value;
	return least;
}

static void
samples_are_values_of_their_time(void **state)
{
	const int64_t start = 5000000, seconds = 1000000000;
	struct pmt_series series = { 0 };
	struct pmt_timeline timeline;
	int64_t clock = start, samples[32], lows[32], width;

	(void)state;
	srandom(1);
	pmt_timeline_init(&timeline, start);
	for (int i = 0; i < POINTS; i++) {
		clock += random() % (seconds / 100);
		points[i].clock = clock;
		points[i].value = random() % 1000;
		pmt_series_set(&series, &timeline, clock, points[i].value);
	}
	pmt_series_sample_lows(&series, &timeline, samples, lows, 32);
	assert_int_equal(samples[31], points[POINTS - 1].value);
	width = (int64_t)1 << timeline.shift;
	assert_true(clock - start < 32 * width);
	assert_true(clock - start >= 16 * width);

	/* Of the steps that were reached, each has its last value and least. */
	for (int64_t step = 0; step * width + start < clock; step++) {
		int64_t end = start + (step + 1) * width - 1;
		int64_t steps = (clock - start) / width + 1;
		int64_t i = (step + 1) * 32 / steps - 1;

		if ((step + 1) * 32 % steps != 0)
			continue;
		assert_int_equal(samples[i], value_at(end));
		assert_int_equal(lows[i], least_of(end - width, end));
	}
}

/* A sample is what the number was just before its moment, or at the end. */
static void
moments_are_those_of_samples(void **state)
{
	static const unsigned counts[] = { 1, 7, 16, 32 };
	const int64_t start = 3000000;
	struct pmt_series series = { 0 };
	struct pmt_timeline timeline;
	int64_t clock = start, samples[32], clocks[32];

	(void)state;
	srandom(2);
	pmt_timeline_init(&timeline, start);
	for (int i = 0; i < POINTS; i++) {
		points[i].clock = clock += random() % 5000000;
		points[i].value = i;
		pmt_series_set(&series, &timeline, clock, i);
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		unsigned count = counts[i];

		pmt_series_sample(&series, &timeline, samples, count);
		pmt_timeline_moments(&timeline, clocks, count);
		assert_int_equal(clocks[count - 1], clock);
		for (unsigned j = 0; j + 1 < count; j++) {
			assert_true(clocks[j] <= clocks[j + 1]);
			assert_int_equal(samples[j], value_at(
				clocks[j] - (clocks[j] < clock)));
		}
	}
}

static void
a_series_set_once_keeps_its_value(void **state)
{
	struct pmt_series early = { 0 }, other = { 0 };
	struct pmt_timeline timeline;
	int64_t samples[4];

	(void)state;
	pmt_timeline_init(&timeline, 0);
	pmt_series_set(&early, &timeline, 0, 7);
	for (int64_t clock = 0; clock <= 1600000000; clock += 100000000)
		pmt_series_set(&other, &timeline, clock, 1);
	pmt_series_sample(&early, &timeline, samples, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(samples[i], 7);
}

static void
a_late_series_was_nothing_before(void **state)
{
	struct pmt_series late = { 0 }, other = { 0 };
	struct pmt_timeline timeline;
	int64_t samples[4];

	(void)state;
	pmt_timeline_init(&timeline, 0);
	pmt_series_set(&other, &timeline, 0, 1);
	pmt_series_set(&late, &timeline, 3000000000, 5);
	pmt_series_set(&other, &timeline, 4000000000, 1);
	pmt_series_sample(&late, &timeline, samples, 4);
	assert_int_equal(samples[0], 0);
	assert_int_equal(samples[1], 0);
	assert_int_equal(samples[3], 5);
}

static void
time_that_runs_backwards_stands_still(void **state)
{
	struct pmt_series series = { 0 };
	struct pmt_timeline timeline;
	int64_t samples[2];

	(void)state;
	pmt_timeline_init(&timeline, 1000000);
	pmt_series_set(&series, &timeline, 2000000, 1);
	pmt_series_set(&series, &timeline, 500, 2);
	pmt_series_set(&series, &timeline, INT64_MIN, 3);
	pmt_series_sample(&series, &timeline, samples, 2);
	assert_int_equal(samples[1], 3);
}

/* Bursts of any kind between long times of nothing. */
static int64_t
next_of_a_burst(int64_t value)
{
	switch (random() % 8) {
	case 0:
		return 0;
	case 1:
		return value - random() % 5;
	default:
		return value == 0 ? 0 : value + random() % 5;
	}
}

static void
a_sparse_series_is_as_any_other(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct pmt_series dense = { 0 }, whole;
		struct pmt_sparse_series sparse = { 0 };
		struct pmt_timeline timeline;
		int64_t clock = 0, value = 0, a[32], b[32], c[32], d[32];
		int taken = 0, result;

		srandom(seed);
		pmt_timeline_init(&timeline, clock);
		for (long i = 5 + random() % 300; i > 0; i--) {
			clock += random() % (1L << random() % 32);
			value = next_of_a_burst(value);
			pmt_series_set(&dense, &timeline, clock, value);
			result = pmt_sparse_series_set(&sparse, &timeline,
						       clock, value);
			assert_in_range(result, 0, 1);
			taken += result;
		}
		assert_int_equal(taken, sparse.past != NULL);
		whole = pmt_sparse_series_whole(&sparse);
		pmt_series_sample_lows(&dense, &timeline, a, b, 32);
		pmt_series_sample_lows(&whole, &timeline, c, d, 32);
		assert_memory_equal(a, c, sizeof(a));
		assert_memory_equal(b, d, sizeof(b));
		pmt_sparse_series_fini(&sparse);
	}
}

static void
what_was_only_once_takes_no_memory(void **state)
{
	struct pmt_sparse_series series = { 0 };
	struct pmt_timeline timeline;

	(void)state;
	pmt_timeline_init(&timeline, 0);
	for (int64_t clock = 0; clock < 1 << 20; clock += 1000)
		assert_int_equal(pmt_sparse_series_set(&series, &timeline,
						       clock, 0), 0);
	for (int64_t value = 0; value < 9; value++)
		assert_int_equal(pmt_sparse_series_set(
			&series, &timeline, 1 << 20, value), 0);
	assert_null(series.past);
	assert_int_equal(pmt_sparse_series_set(&series, &timeline, 1 << 21,
					       9), 1);
	pmt_sparse_series_fini(&series);
}

/* Also if it is set again, or for the first time, only after that. */
static void
an_axis_that_begins_again_has_forgotten(void **state)
{
	struct pmt_sparse_series kept = { { 0 }, NULL }, set = { { 0 }, NULL };
	struct pmt_series series[2];
	struct pmt_timeline timeline;
	int64_t samples[32], lows[32];

	(void)state;
	pmt_timeline_init(&timeline, 0);
	for (int64_t i = 0; i < 50; i++) {
		assert_true(pmt_sparse_series_set(&kept, &timeline, i << 20,
						  50 - i) >= 0);
		assert_true(pmt_sparse_series_set(&set, &timeline, i << 20,
						  i) >= 0);
	}
	pmt_timeline_restart(&timeline, 50 << 20);
	assert_true(pmt_sparse_series_set(&set, &timeline,
					  (50 << 20) + 16 * 1024, 60) >= 0);
	pmt_timeline_reach(&timeline, (50 << 20) + 32 * 1024 - 1);
	series[0] = pmt_sparse_series_whole(&kept);
	series[1] = pmt_sparse_series_whole(&set);
	pmt_series_sample_lows(&series[0], &timeline, samples, lows, 32);
	for (int i = 0; i < 32; i++) {
		assert_int_equal(samples[i], 1);
		assert_int_equal(lows[i], 1);
	}
	pmt_series_sample_lows(&series[1], &timeline, samples, lows, 32);
	for (int i = 0; i < 32; i++) {
		assert_int_equal(samples[i], i < 16 ? 49 : 60);
		assert_int_equal(lows[i], i < 17 ? 49 : 60);
	}
	pmt_sparse_series_fini(&kept);
	pmt_sparse_series_fini(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_values_of_their_time),
		cmocka_unit_test(moments_are_those_of_samples),
		cmocka_unit_test(a_series_set_once_keeps_its_value),
		cmocka_unit_test(a_late_series_was_nothing_before),
		cmocka_unit_test(time_that_runs_backwards_stands_still),
		cmocka_unit_test(a_sparse_series_is_as_any_other),
		cmocka_unit_test(what_was_only_once_takes_no_memory),
		cmocka_unit_test(an_axis_that_begins_again_has_forgotten),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
