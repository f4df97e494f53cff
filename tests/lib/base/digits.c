/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digits.h"

#define HEX "0123456789abcdefABCDEF"

/* Eight spare bytes behind it, as the functions ask for. */
static char text[64];

static void
reads_what_printf_writes(void **state)
{
	uint64_t number = 1, value;
	int n;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		number = number * 6364136223846793005u + 1442695040888963407u;
		value = number >> number % 64;
		memset(text, '7', sizeof(text));
		n = sprintf(text, "%" PRIu64, value);
		assert_true(pmt_decimal(text, (size_t)n, &number));
		assert_true(number == value);
		n = sprintf(text, i % 2 ? "%" PRIx64 : "%" PRIX64, value);
		assert_true(pmt_hex(text, (size_t)n, &number));
		assert_true(number == value);
	}
}

static void
refuses_every_other_byte(void **state)
{
	uint64_t value = 42;

	(void)state;
	for (size_t n = 1; n <= 18; n++) {
		for (size_t at = 0; at < n; at++) {
			for (int c = 0; c < 256; c++) {
				memset(text, '1', sizeof(text));
				text[at] = (char)c;
				assert_int_equal(pmt_decimal(text, n, &value),
						 c >= '0' && c <= '9');
				if (n > 16)
					continue;
				assert_int_equal(pmt_hex(text, n, &value),
						 c < 128 && c > 0 &&
						 strchr(HEX, c) != NULL);
			}
		}
	}
}

static void
refuses_what_does_not_fit(void **state)
{
	static const struct { const char *digits; int fits; } numbers[] = {
		{ "18446744073709551615", 1 }, { "18446744073709551616", 0 },
		{ "99999999999999999999", 0 }, { "", 0 },
		{ "000000000000000000000001", 1 },
		{ "100000000000000000000000", 0 },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		strcpy(text, numbers[i].digits);
		assert_int_equal(pmt_decimal(text, strlen(text), &value),
				 numbers[i].fits);
	}
	assert_false(pmt_hex("00000000000000001", 17, &value));
	assert_false(pmt_hex("1", 0, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_printf_writes),
		cmocka_unit_test(refuses_every_other_byte),
		cmocka_unit_test(refuses_what_does_not_fit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
