/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "log/column.h"

static void
assert_put(char *end, char *text, const char *expected)
{
	*end = '\0';
	assert_string_equal(text, expected);
}

static void
check_value(uint64_t value, int width)
{
	char text[PMT_PUT_MAX + 1], expected[80];

	snprintf(expected, sizeof(expected), " %*" PRIu64, width, value);
	assert_put(pmt_put_unsigned(text, value, width), text, expected);
	snprintf(expected, sizeof(expected), " %*" PRId64, width,
		 (int64_t)value);
	assert_put(pmt_put_signed(text, (int64_t)value, width), text,
		   expected);
	value &= (UINT64_C(1) << 56) - 1;
	snprintf(expected, sizeof(expected), " %16p", (void *)value);
	if (value != 0) {
		assert_put(pmt_put_pointer(text, value), text, expected);
		assert_put(pmt_put_usual_pointer(text, value), text, expected);
	}
	snprintf(expected, sizeof(expected), " %*.6f", width,
		 (double)(value % 1000000000000) / 1e6);
	assert_put(pmt_put_seconds(text, value % 1000000000000, width), text,
		   expected);
}

static void
writes_numbers_as_printf_does(void **state)
{
	const uint64_t edges[] = {
		0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10000, 999999, 1000000,
		INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX,
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(edges); i++) {
		check_value(edges[i], 8);
		check_value(edges[i], 16);
	}
	srandom(1);
	for (int i = 0; i < 100000; i++) {
		uint64_t value = (uint64_t)random() << 33 ^
				 (uint64_t)random() << 11;

		check_value(value >> random() % 64, 8 + (int)(random() % 12));
	}
}

static void
check_column(const char *name, size_t size, size_t width, const char *expected)
{
	struct pmt_column column;
	char text[256 + PMT_COLUMN_SLACK];

	assert_int_equal(pmt_column_init(&column, name, size, width), 0);
	assert_int_equal(column.length, strlen(expected));
	assert_put(pmt_put_column(text, &column), text, expected);
	assert_put(pmt_put_usual_column(text, &column, width), text, expected);
	pmt_column_fini(&column);
}

static void
pads_names_by_what_is_seen(void **state)
{
	(void)state;
	check_column("name", 4, 8, " name    ");
	check_column("toolong", 7, 4, " toolong");
	check_column("a b", 3, 8, " a\\040b  ");
	check_column("\xce\xbb\xce\xbb", 4, 4, " \xce\xbb\xce\xbb  ");
}

static void
puts_what_stays_the_same_as_what_changes(void **state)
{
	const int64_t values[] = {
		0, 0, -4096, -4096, INT64_MAX, INT64_MIN, INT64_MIN, 1, 0,
	};
	struct pmt_steady number = { 0 }, seconds = { 0 };
	char text[PMT_PUT_MAX + 1], expected[80];

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(values); i++) {
		uint64_t time = (uint64_t)values[i] / 1000 + i;

		snprintf(expected, sizeof(expected), " %16" PRId64, values[i]);
		assert_put(pmt_put_steady(text, &number, values[i], 16), text,
			   expected);
		snprintf(expected, sizeof(expected), " %5" PRIu64 ".%06" PRIu64,
			 time / 1000000, time % 1000000);
		assert_put(pmt_put_steady_seconds(text, &seconds, time, 12),
			   text, expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_numbers_as_printf_does),
		cmocka_unit_test(pads_names_by_what_is_seen),
		cmocka_unit_test(puts_what_stays_the_same_as_what_changes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
