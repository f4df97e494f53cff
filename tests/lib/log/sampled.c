/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/common.h"
#include "log/sampled.h"

static uint64_t
sampled(const char *text)
{
	return pmt_sampled((struct pmt_text){ text, strlen(text) });
}

static void
test_text(void **state)
{
	(void)state;
	assert_int_equal(sampled("pmt 1; 1 in 1000 objects"), 1000);
	assert_int_equal(sampled("pmt 1; 1 in 7 objects; more"), 7);
	assert_int_equal(sampled("pmt 1; without builtins"), 1);
	assert_int_equal(sampled("pmt 1; 1 in 0 objects"), 1);
	assert_int_equal(sampled("pmt 1; 1 in x objects"), 1);
	assert_int_equal(sampled("pmt 1; 1 in 5 object"), 1);
	assert_int_equal(sampled("pmt 1; 1 in 99999999999999999999 objects"),
			 1);
	assert_int_equal(sampled("; 1 in "), 1);
	assert_int_equal(sampled(""), 1);
}

/* No narrower than the exact interval of a Poisson count, from a table. */
static void
test_error(void **state)
{
	static const struct { uint64_t seen; double low, high; } exact[] = {
		{ 1, 0.025, 5.57 }, { 4, 1.09, 10.24 }, { 10, 4.80, 18.39 },
		{ 50, 37.11, 65.92 }, { 100, 81.36, 121.63 },
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(exact); i++) {
		double count = 1000 * (double)exact[i].seen;
		double error = (double)pmt_sampled_error((uint64_t)count,
							 1000);

		assert_true(count + error >= 1000 * exact[i].high);
		assert_true(count - error <= 1000 * exact[i].low);
		assert_true(error < 1.5 * 500 * (exact[i].high - exact[i].low)
			    + 1000);
	}
	assert_int_equal(pmt_sampled_error(12345, 1), 0);
	assert_true(pmt_sampled_error(UINT64_MAX, UINT64_MAX) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
