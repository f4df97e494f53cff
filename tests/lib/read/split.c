/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/split.h"

/* Bytes that differ from blanks and newlines in one bit, and any others. */
static void
fill(char *bytes, size_t n)
{
	static const char near[] = " \n\x21\x0b\xa0\x8a\0\x00!a";

	for (size_t i = 0; i < n; i++)
		bytes[i] = random() % 4 == 0 ? (char)random() :
			near[(size_t)random() % (sizeof(near) - 1)];
}

static void
marks_are_where_the_bytes_are(void **state)
{
	char bytes[64];

	(void)state;
	srandom(1);
	for (int round = 0; round < 5000; round++) {
		struct pmt_marks fast, portable, plain = { 0, 0 };

		fill(bytes, sizeof(bytes));
		for (int i = 0; i < 64; i++) {
			uint64_t newline = bytes[i] == '\n';

			plain.newlines |= newline << i;
			plain.blanks |= (newline | (bytes[i] == ' ')) << i;
		}
		fast = pmt_mark(bytes);
		portable = pmt_mark_portably(bytes);
		assert_true(fast.blanks == plain.blanks);
		assert_true(fast.newlines == plain.newlines);
		assert_true(portable.blanks == plain.blanks);
		assert_true(portable.newlines == plain.newlines);
	}
}

/* The same words one byte at a time; -1 as pmt_split() has it. */
static int
split_slowly(const char *p, const char *end, const char **edges, int max)
{
	int count = 0;
	char before = ' ';

	for (; p < end; before = *p++) {
		bool blank = *p == ' ' || *p == '\n';

		if (blank != (before == ' ')) {
			if (count == 2 * max)
				return -1;
			edges[count++] = p;
		}
		if (*p == '\n')
			return count / 2;
	}
	return -1;
}

static void
words_are_those_of_a_plain_loop(void **state)
{
	const char *edges[2 * 24 + 64], *plain[2 * 24], *newline;
	char line[300 + 64];

	(void)state;
	srandom(2);
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)random() % 300;
		int words, expected;

		memset(line, 0, sizeof(line));
		for (size_t i = 0; i < n; i++)
			line[i] = random() % 3 == 0 ? 'x' : ' ';
		if (round % 5 != 0)
			line[n] = '\n';
		expected = split_slowly(line, line + n + 1, plain, 24);
		words = pmt_split(line, line + n + 1, edges, 24, &newline);
		if (round % 5 == 0) {
			assert_int_equal(words, -1);
			continue;
		}
		assert_int_equal(words, expected);
		if (words < 0)
			continue;
		assert_ptr_equal(newline, line + n);
		for (int i = 0; i < 2 * words; i++)
			assert_ptr_equal(edges[i], plain[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_where_the_bytes_are),
		cmocka_unit_test(words_are_those_of_a_plain_loop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
