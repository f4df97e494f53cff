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
#include <unistd.h>

#include <cmocka.h>

#include "log/column.h"
#include "write/textlog.h"

static const char *const whats[] = {
	[PMT_WHAT_CALL] = "CALL",
	[PMT_WHAT_EXCEPT] = "EXCEPT",
	[PMT_WHAT_LINE] = "LINE",
	[PMT_WHAT_RETURN] = "RETURN",
	[PMT_WHAT_C_CALL] = "C_CALL",
	[PMT_WHAT_C_EXCEPT] = "C_EXCEPT",
	[PMT_WHAT_C_RETURN] = "C_RETURN",
	[PMT_WHAT_OPCODE] = "OPCODE",
};

static char path[] = "/tmp/pmt-textlog-XXXXXX";

/* A log of a profile, without a beginning. */
static struct pmt_recorder *
open_text(bool threads)
{
	const struct pmt_recorder_options options = { 0 };
	struct pmt_recorder *log;

	assert_int_equal(pmt_textlog_open(path, &options, &log), 0);
	log->kind = 'P';
	log->columns = threads ? PMT_WITH_THREAD : 0;
	return log;
}

/* The whole of what was logged; the caller's to free. */
static char *
read_back(void)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	return text;
}

/* pmt-log(5), word for word. */
static void
expect_row(char *to, const char *tag, const struct pmt_profile_event *event,
	   const char *file, const char *function, bool threads)
{
	to += sprintf(to, "%s %-12" PRIu64 " +%-6" PRIu64 " %-12.6f %-8s %-80s "
		      "%4d %-32s %12" PRIu64 " %12" PRId64, tag, event->event,
		      event->d_event, (double)event->clock / 1e6,
		      whats[event->what], file, event->line, function,
		      event->rss, event->d_rss);
	if (threads)
		to += sprintf(to, " %8" PRId64, event->thread);
	strcpy(to, "\n");
}

static void
check_rows(const char *file, const char *function, bool threads)
{
	static const uint64_t numbers[] = {
		0, 7, 99999, 123456789, UINT64_C(1234567890123),
		UINT64_C(999999999999999999),
	};
	struct pmt_profile_event event = { 0 };
	struct pmt_column columns[2];
	struct pmt_recorder *log;
	char *expected = calloc(1, 1 << 20), *text;

	assert_non_null(expected);
	assert_int_equal(pmt_column_init(&columns[0], file, strlen(file),
					 PMT_FILE_WIDTH), 0);
	assert_int_equal(pmt_column_init(&columns[1], function,
					 strlen(function),
					 PMT_FUNCTION_WIDTH), 0);
	log = open_text(threads);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(numbers) * 16; i++) {
		uint64_t number = numbers[i % PMT_ARRAY_SIZE(numbers)];

		event.event = number;
		event.d_event = number;
		/* What a double holds to the microsecond. */
		event.clock = number % UINT64_C(1000000000000);
		event.what = (enum pmt_what)(PMT_WHAT_CALL + i % 8);
		event.file = &columns[0];
		event.line = (int)(number % 100000);
		event.function = &columns[1];
		event.callee = i % 3 == 0 ? function : NULL;
		event.rss = number;
		event.d_rss = i % 2 ? (int64_t)number : -(int64_t)number;
		event.thread = (int64_t)(number % 5000000);
		pmt_recorder_profile(log, PMT_ROW_NEXT, &event);
		expect_row(expected + strlen(expected), "NEXT:", &event, file,
			   function, threads);
	}
	assert_int_equal(pmt_recorder_close(log, NULL), 0);
	text = read_back();
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	pmt_column_fini(&columns[0]);
	pmt_column_fini(&columns[1]);
}

static void
writes_rows_as_the_manual_says(void **state)
{
	char long_name[300];

	(void)state;
	check_rows("main.py", "run", false);
	check_rows("main.py", "run", true);
	check_rows("/a/path/that/is/rather/long/and/goes/beyond/the/width/of/"
		   "its/column/in/the/log.py", "a_function_of_thirty_five_"
		   "letters_", true);
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	check_rows(long_name, long_name, false);
}

static void
begins_as_the_manual_says(void **state)
{
	const struct pmt_note note = {
		.event = 3, .d_event = 2, .clock = 1500000,
		.text = "two\nlines\nEOF\n", .size = 14,
	};
	struct pmt_recorder *log;
	char *text;

	(void)state;
	log = open_text(false);
	pmt_recorder_begin(log, 'P', 0, "hello\nSOF\n");
	pmt_recorder_note(log, &note);
	assert_int_equal(pmt_recorder_close(log, NULL), 0);
	text = read_back();
	assert_non_null(strstr(text, "hello\n\\123OF\nSOF\nHEDR: Event "));
	assert_non_null(strstr(text, "dEvent  Clock        What     File"));
	assert_non_null(strstr(text, "MSG:  3            +2      1.500000     "
			       "# two\nlines\n\\105OF\n\n"));
	free(text);
}

static void
escapes_the_names_of_c_functions(void **state)
{
	struct pmt_profile_event event = {
		.what = PMT_WHAT_C_CALL, .callee = "a b\\c\n",
	};
	struct pmt_column file;
	struct pmt_recorder *log;
	char *text;

	(void)state;
	assert_int_equal(pmt_column_init(&file, "f", 1, PMT_FILE_WIDTH), 0);
	event.file = event.function = &file;
	log = open_text(false);
	pmt_recorder_profile(log, PMT_ROW_NEXT, &event);
	assert_int_equal(pmt_recorder_close(log, NULL), 0);
	text = read_back();
	assert_non_null(strstr(text, " a\\040b\\134c\\012 "));
	free(text);
	pmt_column_fini(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_rows_as_the_manual_says),
		cmocka_unit_test(begins_as_the_manual_says),
		cmocka_unit_test(escapes_the_names_of_c_functions),
	};
	int failed;

	close(mkstemp(path));
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
