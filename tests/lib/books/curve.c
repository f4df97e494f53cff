/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "books/curve.h"

#define VALUES (5 * PMT_CURVE_POINTS + 3)

static int64_t values[VALUES];

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How many values a point holds once there have been COUNT. */
static uint64_t
stride_of(uint64_t count)
{
	uint64_t stride = 1;

	while ((count + stride - 1) / stride > PMT_CURVE_POINTS)
		stride *= 2;
	return stride;
}

/* The point that begins with value FROM, made from the values themselves. */
static void
check_point(const struct pmt_curve_point *point, uint64_t from, uint64_t to)
{
	int64_t low = values[from], high = values[from];

	for (uint64_t i = from; i < to; i++) {
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	assert_int_equal(point->clock, 10 * from);
	assert_int_equal(point->low, low);
	assert_int_equal(point->high, high);
	assert_int_equal(point->last, values[to - 1]);
}

static void
check_curve(const struct pmt_curve *curve, uint64_t count)
{
	uint64_t stride = stride_of(count);

	assert_int_equal(curve->count, (count + stride - 1) / stride);
	for (uint64_t i = 0; i < curve->count; i++)
		check_point(&curve->points[i], i * stride,
			    least((i + 1) * stride, count));
}

static void
points_tell_of_all_their_values(void **state)
{
	struct pmt_curve *curve = calloc(1, sizeof(*curve));

	(void)state;
	srandom(1);
	assert_non_null(curve);
	for (uint64_t i = 0; i < VALUES; i++) {
		values[i] = random() % 1000 - 500;
		pmt_curve_add(curve, (int64_t)(10 * i), values[i]);
		/* Also about where points are joined. */
		if (i < 20 || i % 997 == 0 || i % PMT_CURVE_POINTS < 3 ||
		    i % PMT_CURVE_POINTS > PMT_CURVE_POINTS - 3)
			check_curve(curve, i + 1);
	}
	free(curve);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_tell_of_all_their_values),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
