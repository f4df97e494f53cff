/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/escape.h"

static void
names_become_one_word(void **state)
{
	static const struct { const char *name, *word; } pairs[] = {
		{ "plain.py", "plain.py" },
		{ "My Project/a\\b.py", "My\\040Project/a\\134b.py" },
		{ "tab\tnewline\nend\x7f", "tab\\011newline\\012end\\177" },
		{ "\xe2\x82\xacuro", "\xe2\x82\xacuro" },
		{ "caf\xe9", "caf\xe9" },
		{ "\x9b" "1m\xc2\x9b", "\\2331m\\302\\233" },
		{ "\xe2\x80\xae", "\\342\\200\\256" },
		/* U+009B with a byte too many, half of a pair, no character */
		{ "\xe0\x82\x9b", "\xe0\\202\\233" },
		{ "\xed\xa0\x80", "\xed\xa0\\200" },
		{ "\xef\xbf\xbf", "\\357\\277\\277" },
		{ "\xef\xbf\xbd", "\xef\xbf\xbd" },
		{ "\xf0\x9f\x90\x8d\xe2\x80", "\xf0\x9f\x90\x8d\xe2\\200" },
		{ "", "\\" },
	};
	char out[100], back[100];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		n = pmt_escape_name(pairs[i].name, strlen(pairs[i].name), out);
		assert_string_equal(out, pairs[i].word);
		assert_int_equal(n, strlen(pairs[i].word));
		n = pmt_unescape(out, n, back);
		assert_int_equal(n, strlen(pairs[i].name));
		assert_memory_equal(back, pairs[i].name, n);
	}
}

static void
messages_keep_their_blanks(void **state)
{
	char out[100];

	(void)state;
	pmt_escape_text("two words\nEOF\\", 14, out);
	assert_string_equal(out, "two words\\012EOF\\134");
	assert_int_equal(pmt_escape_text("", 0, out), 0);
}

static void
every_byte_comes_back(void **state)
{
	char in[256], out[PMT_ESCAPED_SIZE(256)];
	size_t n;

	(void)state;
	for (int i = 0; i < 256; i++)
		in[i] = (char)i;
	n = pmt_escape_name(in, 256, out);
	assert_int_equal(n, strlen(out));
	assert_int_equal(strcspn(out, " \t\n\r\v\f"), n);
	assert_int_equal(pmt_unescape(out, n, out), 256);
	assert_memory_equal(in, out, 256);
}

static void
foreign_backslashes_stay(void **state)
{
	static const char *const words[] = {
		"C:\\dir\\x", "\\400", "\\18", "\\\\", "end\\04",
	};
	char out[100];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		assert_int_equal(pmt_unescape(words[i], n, out), n);
		assert_memory_equal(out, words[i], n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_one_word),
		cmocka_unit_test(messages_keep_their_blanks),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(foreign_backslashes_stay),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
