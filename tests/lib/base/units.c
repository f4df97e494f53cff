/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/units.h"

static void
reads_sizes(void **state)
{
	static const struct { const char *text; uint64_t bytes; } pairs[] = {
		{ "0", 0 }, { "4096", 4096 }, { "64K", 65536 },
		{ "64k", 65536 }, { "1.5M", 1572864 }, { "2GiB", 2147483648 },
		{ "3TB", 3298534883328 }, { "7B", 7 },
		{ "18446744073709551615", UINT64_MAX },
		{ "9007199254740993", 9007199254740993 },
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(pairs); i++) {
		assert_int_equal(pmt_parse_size(pairs[i].text, &bytes), 0);
		assert_int_equal(bytes, pairs[i].bytes);
	}
}

static void
refuses_what_is_no_size(void **state)
{
	static const char *const texts[] = {
		"", "-1", "+1", "K", "1KK", "1Ki", "0x10", "1e3", "inf", "nan",
		" 1", "1 ", "1.2.3", ".", "1m2",
	};
	uint64_t bytes = 42;

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(texts); i++)
		assert_int_equal(pmt_parse_size(texts[i], &bytes), -EINVAL);
	assert_int_equal(pmt_parse_size("18446744073709551616", &bytes),
			 -ERANGE);
	assert_int_equal(pmt_parse_size("16384P", &bytes), -ERANGE);
	assert_int_equal(bytes, 42);
}

static void
reads_durations(void **state)
{
	static const struct { const char *text; uint64_t ns; } pairs[] = {
		{ "2", 2000000000 }, { "0.5s", 500000000 }, { "1ms", 1000000 },
		{ "250us", 250000 }, { "9ns", 9 }, { "10m", 600000000000 },
		{ "1h", 3600000000000 }, { "1d", 86400000000000 },
	};
	uint64_t ns = 42;

	(void)state;
	assert_int_equal(pmt_parse_duration("1w", &ns), -EINVAL);
	assert_int_equal(pmt_parse_duration("-1", &ns), -EINVAL);
	assert_int_equal(pmt_parse_duration("99999999999", &ns), -ERANGE);
	assert_int_equal(ns, 42);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(pairs); i++) {
		assert_int_equal(pmt_parse_duration(pairs[i].text, &ns), 0);
		assert_int_equal(ns, pairs[i].ns);
	}
}

static void
shows_sizes_in_eight_columns(void **state)
{
	static const struct { int64_t bytes; const char *text; } pairs[] = {
		{ 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1.0 KiB" },
		{ -1536, "-1.5 KiB" }, { 10188, "9.9 KiB" },
		{ 10240, "10 KiB" }, { 1048575, "1.0 MiB" },
		{ 67108864, "64 MiB" }, { INT64_MIN, "-8.0 EiB" },
	};
	char text[PMT_SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(pairs); i++)
		assert_string_equal(pmt_format_size(pairs[i].bytes, text),
				    pairs[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_sizes),
		cmocka_unit_test(refuses_what_is_no_size),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(shows_sizes_in_eight_columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
