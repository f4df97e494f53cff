/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "report/reporttext.h"

static char *printed;
static size_t printed_size;

static FILE *
start(void)
{
	FILE *out = open_memstream(&printed, &printed_size);

	assert_non_null(out);
	return out;
}

static void
print_name(const char *name, size_t size, int width)
{
	FILE *out = start();

	pmt_print_name(out, (struct pmt_text){ name, size }, width);
	assert_int_equal(fclose(out), 0);
}

/* How many columns the C library says TEXT takes. */
static int
columns_of(const char *text)
{
	wchar_t wide[1024];
	size_t n = mbstowcs(wide, text, PMT_ARRAY_SIZE(wide));

	assert_in_range(n, 0, PMT_ARRAY_SIZE(wide) - 1);
	return wcswidth(wide, n);
}

static void
names_fill_their_width(void **state)
{
	static const char *const pieces[] = {
		"a", "~", " ", "\n", "\t", "\033", "\177", "\303\244",
		"\342\202\254", "\\", "%",
	};
	int taken;

	(void)state;
	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		skip();
	srandom(1);
	for (int i = 0; i < 2000; i++) {
		char name[256] = "";
		int width = (int)(random() % 40);

		for (long n = random() % 20; n >= 0; n--)
			strcat(name, pieces[random() %
					    PMT_ARRAY_SIZE(pieces)]);
		print_name(name, strlen(name), 0);
		taken = columns_of(printed);
		/* No control character is printed as such. */
		assert_true(taken > 0);
		free(printed);
		print_name(name, strlen(name), width);
		assert_int_equal(columns_of(printed),
				 taken > width ? taken : width);
		free(printed);
	}
}

static void
no_name_is_told_apart(void **state)
{
	(void)state;
	print_name("", 0, 4);
	assert_string_equal(printed, "\"\"  ");
	free(printed);
}

static void
a_heading_has_a_message_if_the_log_has(void **state)
{
	FILE *out = start();

	(void)state;
	pmt_print_heading(out, "a.log", (struct pmt_text){ "", 0 }, NULL);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(printed, "File path: a.log\n");
	free(printed);

	out = start();
	pmt_print_heading(out, "a.log", (struct pmt_text){ "m", 1 }, NULL);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(printed, "File path: a.log\nInitial Message:\nm\n");
	free(printed);

	out = start();
	pmt_print_heading(out, "a\nb", (struct pmt_text){ "m\n\nn", 4 }, "t");
	assert_int_equal(fclose(out), 0);
	assert_string_equal(printed, "File path: a\\012b\nInitial Message:\n"
				     "m\n\"\"\nn\nTracer: t\n");
	free(printed);
}

static void
counts_have_commas(void **state)
{
	char text[PMT_NUMBER_TEXT], with_commas[64];

	(void)state;
	for (uint64_t n = 1; n < UINT64_MAX / 11; n = n * 10 + n % 7) {
		uint64_t value = 0;

		pmt_format_count(n, text);
		strcpy(with_commas, text);
		/* Without commas it is the number; three digits behind each. */
		for (char *p = with_commas; *p != '\0'; p++) {
			if (*p == ',')
				assert_int_equal(strcspn(p + 1, ","), 3);
			else
				value = value * 10 + (uint64_t)(*p - '0');
		}
		assert_true(value == n);
		assert_in_range(strcspn(with_commas, ","), 1, 3);
	}
}

static void
words_are_wrapped_at_79_columns(void **state)
{
	char text[1024] = "", words[1024], *line, *rest;
	FILE *out = start();

	(void)state;
	srandom(2);
	for (int i = 0; i < 60; i++)
		for (long n = random() % 12; n >= 0; n--)
			strcat(text, n > 0 ? "x" : i < 59 ? "y " : "y");
	pmt_print_wrapped(out, "Title:", text);
	assert_int_equal(fclose(out), 0);
	/* The same words, and none that the line above had room for. */
	words[0] = '\0';
	line = strtok_r(printed, "\n", &rest);
	assert_int_equal(strncmp(line, "Title: ", 7), 0);
	while (line != NULL) {
		char *next = strtok_r(NULL, "\n", &rest);
		size_t length = strlen(line);

		assert_in_range(length, 1, 79);
		if (next != NULL) {
			assert_int_equal(strspn(next, " "), 7);
			assert_true(length + 1 + strcspn(next + 7, " ") > 79);
		}
		if (words[0] != '\0')
			strcat(words, " ");
		strcat(words, line + 7);
		line = next;
	}
	assert_string_equal(words, text);
	free(printed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_fill_their_width),
		cmocka_unit_test(no_name_is_told_apart),
		cmocka_unit_test(a_heading_has_a_message_if_the_log_has),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(words_are_wrapped_at_79_columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
