/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "read/logread.h"

#define REFERENCE_HEADER \
	"HDR:        Clock          Address          LiveCnt Type" \
	"                             File                            " \
	"                                                 Line Function  " \
	"                                            RSS             dRSS\n"
#define ROW "%s %12.6f %16s %16d %-32s %-80s %4d %-40s %16d %16d\n"

static struct pmt_sites *sites;
static struct pmt_event events[64];
static char texts[64][128];
static int count;

/* Read a whole log into events and texts. */
static enum pmt_log_kind
read_log(const char *text, size_t length)
{
	char path[] = "/tmp/pmt-logread-XXXXXX";
	int fd = mkstemp(path);
	enum pmt_log_kind kind;
	struct pmt_log *log;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	close(fd);
	assert_int_equal(pmt_log_open(path, sites, NULL, &log), 0);
	unlink(path);
	for (count = 0; count < 64; count++) {
		struct pmt_event *event = &events[count];
		int result = pmt_log_next(log, event);

		assert_true(result >= 0);
		if (result == 0)
			break;
		if (event->text.length > 0)
			snprintf(texts[count], sizeof(texts[count]), "%.*s",
				 (int)event->text.length, event->text.bytes);
	}
	kind = pmt_log_kind(log);
	pmt_log_close(log);
	return kind;
}

static enum pmt_log_kind
read_text(const char *text)
{
	return read_log(text, strlen(text));
}

static void
assert_name(uint32_t name, const char *text)
{
	struct pmt_text found = pmt_sites_name(sites, name);

	assert_int_equal(found.length, strlen(text));
	assert_memory_equal(found.bytes, text, found.length);
}

static void
assert_site(const struct pmt_event *event, const char *type, const char *file,
	    uint32_t line, const char *function)
{
	const struct pmt_site *site = pmt_sites_get(sites, event->site);

	assert_name(site->type, type);
	assert_name(site->file, file);
	assert_int_equal(site->line, line);
	assert_name(site->function, function);
}

/* A then B; the text lasts until the next call but three. */
static char *
join(const char *a, const char *b)
{
	static char rooms[4][65536];
	static unsigned next;
	char *text = rooms[next++ % 4];

	assert_in_range(strlen(a) + strlen(b), 0, sizeof(rooms[0]) - 1);
	return strcat(strcpy(text, a), b);
}

static char *
reference_log(const char *rows)
{
	return join("SOF\n" REFERENCE_HEADER, join(rows, "EOF\n"));
}

static char *
reference_row(const char *type, const char *file, int line,
	      const char *function)
{
	static char row[65536];

	snprintf(row, sizeof(row), ROW, "NEW:", 1.25, "0x7f0000000010", 3,
		 type, file, line, function, 4096, -8192);
	return row;
}

static int
set_up(void **state)
{
	(void)state;
	sites = pmt_sites_new();
	return sites == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	pmt_sites_free(sites);
	return 0;
}

static void
reads_every_column(void **state)
{
	(void)state;
	assert_int_equal(read_text(
		"one\ntwo\nSOF\nHDR: Clock Address LiveCnt Type File Line "
		"Function RSS dRSS Thread Wall Size Colour\n"
		"NEW: 1.25 0xFf -2 a.B f.py 7 run 4096 5 71 1700000000.5 99 "
		"red\n"
		"DEL: 2.000001 0xff -3 a.B g.py 8 stop 4095 -1 72 0.1 0 blue\n"
		"EOF\n"), PMT_LOG_REFERENCE);
	assert_int_equal(count, 2);
	assert_int_equal(events[0].row, PMT_ROW_NEW);
	assert_int_equal(events[0].line, 5);
	assert_int_equal(events[0].clock, 1250000000);
	assert_int_equal(events[0].address, 255);
	assert_int_equal(events[0].live, -2);
	assert_int_equal(events[0].rss, 4096);
	assert_int_equal(events[0].thread, 71);
	assert_int_equal(events[0].wall, 1700000000500000000);
	assert_int_equal(events[0].size, 99);
	assert_site(&events[0], "a.B", "f.py", 7, "run");
	assert_int_equal(events[1].row, PMT_ROW_DEL);
	assert_int_equal(events[1].clock, 2000001000);
	assert_int_equal(events[1].d_rss, -1);
	assert_site(&events[1], "a.B", "g.py", 8, "stop");
	assert_true(PMT_HAS(&events[1], SIZE));
}

static void
the_first_difference_is_none(void **state)
{
	char *row = reference_row("A", "f", 1, "g");

	(void)state;
	read_text(reference_log(join(row, row)));
	assert_int_equal(count, 2);
	assert_false(PMT_HAS(&events[0], D_RSS));
	assert_true(PMT_HAS(&events[1], D_RSS));
	assert_int_equal(events[1].d_rss, -8192);
}

static void
unescaped_blanks_stay_in_their_names(void **state)
{
	static const struct { const char *type, *file, *function; } names[] = {
		{ "A", "<frozen importlib._bootstrap>", "f" },
		{ "A", "/home/me/My Project 2/some file.py", "f" },
		{ "my type", "x.py", "<lambda>" },
		{ "my type", "/tmp/a b 3 c.py", "a function" },
		{ "A", "/a/very/long/path/with/a blank/that/goes/on/until/it/"
		  "is/wider/than/its/column/of/80/characters.py", "f" },
		{ "A", "<attrs generated init a.B>", "__init__" },
		{ "an.extremely.long.type.name.wider.than.its.column", "f.py",
		  "a.function.name.that.is.wider.than.its.own.column.of.40" },
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		read_text(reference_log(reference_row(
			names[i].type, names[i].file, 12, names[i].function)));
		assert_int_equal(count, 1);
		assert_int_equal(events[0].row, PMT_ROW_NEW);
		assert_site(&events[0], names[i].type, names[i].file, 12,
			    names[i].function);
		assert_int_equal(events[0].rss, 4096);
	}
}

static void
names_that_begin_alike_are_told_apart(void **state)
{
	static const struct { const char *type, *file; int line;
			      const char *function; } names[] = {
		{ "package.module.A", "file.py", 12, "function" },
		{ "package.module.A", "file.py", 12, "function_2" },
		{ "package.module.A", "file.py", 12, "function" },
		{ "package.module.B", "file.py", 12, "function" },
		{ "package.module.A", "file.pyc", 12, "function" },
		{ "package.module.A", "file.py", 1, "function" },
		{ "package.module.A", "file.py", 123, "function" },
		{ "package.module.A", "file.py", 12, "function x" },
		{ "package.module.A", "file.py", 12, "function" },
	};
	enum { COUNT = PMT_ARRAY_SIZE(names) };
	char *text = join("SOF\n", REFERENCE_HEADER);

	(void)state;
	/* Twice, and behind them as much as is needed to look names up. */
	for (size_t i = 0; i < 2 * COUNT; i++)
		text = join(text, reference_row(
			names[i % COUNT].type, names[i % COUNT].file,
			names[i % COUNT].line, names[i % COUNT].function));
	read_text(join(text, "EOF\n"));
	assert_int_equal(count, 2 * COUNT);
	for (size_t i = 0; i < 2 * COUNT; i++)
		assert_site(&events[i], names[i % COUNT].type,
			    names[i % COUNT].file,
			    (uint32_t)names[i % COUNT].line,
			    names[i % COUNT].function);
}

static void
escapes_are_undone(void **state)
{
	(void)state;
	read_text(reference_log(reference_row(
		"my\\040type", "\\", 1, "a\\134b\\012c")));
	assert_int_equal(count, 1);
	assert_site(&events[0], "my type", "", 1, "a\\b\nc");
}

static void
names_may_be_long(void **state)
{
	char name[10001];

	(void)state;
	memset(name, 'n', 10000);
	name[10000] = '\0';
	read_text(reference_log(reference_row(name, name, 1, name)));
	assert_int_equal(count, 1);
	assert_site(&events[0], name, name, 1, name);
}

static void
a_torn_log_is_read_to_the_tear(void **state)
{
	char *text = reference_log(reference_row("A", "f", 1, "g"));
	size_t whole = strlen(text) - strlen("EOF\n");
	size_t row = strlen(reference_row("A", "f", 1, "g"));

	(void)state;
	read_log(text, whole);
	assert_int_equal(count, 1);
	assert_int_equal(events[0].row, PMT_ROW_NEW);

	/* Cut anywhere in the row: a shorter last number is no number. */
	for (size_t cut = 1; cut < row; cut++) {
		read_log(text, whole - cut);
		assert_int_equal(count, 1);
		assert_int_equal(events[0].row, PMT_ROW_PROBLEM);
		assert_non_null(strstr(texts[0], "middle of a line"));
	}
}

static void
what_is_no_log_is_called_so(void **state)
{
	static const struct { const char *text; size_t length;
			      const char *problem; } files[] = {
		{ "", 0, "empty" },
		{ "\n", 1, "no SOF" },
		{ "hello\nworld", 11, "no SOF" },
		{ "SOF\nhello\n", 10, "no SOF" },
		{ "SOF\nHDR: Clock\n", 15, "no SOF" },
		{ "\177ELF\0\1\n\0", 8, "binary" },
		{ "\x1f\x8b\0\0", 4, " zcat" },
		{ "\xfd" "7zXZ\0", 6, "xzcat" },
		{ "(\xb5/\xfd\0", 5, "zstdcat" },
		{ "BZh91AY&SY\0", 11, "bzcat" },
		{ "\xff\xfeS\0", 4, "UTF-16" },
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(files); i++) {
		assert_int_equal(read_log(files[i].text, files[i].length),
				 PMT_LOG_UNKNOWN);
		assert_int_equal(count, 1);
		assert_int_equal(events[0].row, PMT_ROW_PROBLEM);
		assert_non_null(strstr(texts[0], files[i].problem));
	}
}

static void
broken_rows_are_named_and_passed_by(void **state)
{
	static const char *const broken[] = {
		"NEW: 1.0 0x1 1 A f 1 g 4096\n",
		"NEW: 1.0 0xg 1 A f 1 g 4096 0\n",
		"NEW: 1.0 0x1 1 A f 99999999999 g 4096 0\n",
		"NEW: 1.0 0x1 1 A f 1 g 99999999999999999999 0\n",
		"NEW: 99999999999999.0 0x1 1 A f 1 g 4096 0\n",
		"NEW: nan 0x1 1 A f 1 g 4096 0\n",
		"NEW: 1.0 0x1 1 A f 1 g 4096 - \n",
		"NEW: 1.0 0x1 1 A f 1 g -4096 0\n",
		"NEW:\n",
		"what is this\n",
		"MSG: x # text\n",
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(broken); i++) {
		read_text(reference_log(join(
			broken[i], reference_row("A", "f", 1, "g"))));
		assert_int_equal(count, 2);
		assert_int_equal(events[0].row, PMT_ROW_PROBLEM);
		assert_int_equal(events[0].line, 3);
		assert_int_equal(events[1].row, PMT_ROW_NEW);
		assert_int_equal(events[1].line, 4);
	}
}

static void
messages_may_go_on(void **state)
{
	(void)state;
	read_text(reference_log(
		"MSG:     1.500000 # one\n two\nthree\n"
		"ERR:     1.600000 # a\\012b \\\\\n"
		"MSG:     1.700000 # before\nEOF\nafter\n"
		"MSG:     1.800000 #\n"));
	assert_int_equal(count, 4);
	assert_string_equal(texts[0], "one\n two\nthree");
	assert_int_equal(events[0].clock, 1500000000);
	assert_int_equal(events[1].row, PMT_ROW_ERR);
	assert_string_equal(texts[1], "a\nb \\\\");
	assert_string_equal(texts[2], "before");
	assert_int_equal(events[3].row, PMT_ROW_MSG);
	assert_int_equal(events[3].line, 10);
	assert_int_equal(events[3].text.length, 0);
}

static void
an_opening_message_may_look_like_a_log(void **state)
{
	(void)state;
	assert_int_equal(read_text(
		"SOF\nNEW: is not old\nHDR: nor this\nSOF\n" REFERENCE_HEADER
		"EOF\n"), PMT_LOG_REFERENCE);
	assert_int_equal(count, 0);
}

static void
reads_profiles_old_and_new(void **state)
{
	(void)state;
	assert_int_equal(read_text(
		"SOF\n"
		"HDR: Event dEvent Clock What File Line Function RSS dRSS\n"
		"FRST: 0            +0      0.1 LINE     a b.py 1 f 100 100\n"
		"NEXT: 3            +3      0.2 CALL     a b.py 2 g 200 200\n"
		"MSG:  4            +1      0.3          # hello\n"
		"PREV: 4            +1      0.3\n"
		"NEXT: 5            +2      0.4 C_RETURN c.py   3 h 150 -50\n"
		"bare text\n"
		"LAST: 6            +1      0.5 LINE     a b.py 1 f 150 0\n"
		"EOF\n"), PMT_LOG_PROFILE);
	assert_int_equal(count, 7);
	assert_false(PMT_HAS(&events[0], D_RSS));
	assert_int_equal(events[0].rss, 100);
	assert_site(&events[1], "", "a b.py", 2, "g");
	assert_int_equal(events[1].what, PMT_WHAT_CALL);
	assert_false(PMT_HAS(&events[1], D_RSS));
	assert_int_equal(events[2].event, 4);
	assert_string_equal(texts[2], "hello");
	assert_int_equal(events[3].row, PMT_ROW_PREV);
	assert_false(PMT_HAS(&events[3], FILE));
	assert_true(PMT_HAS(&events[4], D_RSS));
	assert_int_equal(events[4].d_rss, -50);
	assert_int_equal(events[4].what, PMT_WHAT_C_RETURN);
	assert_string_equal(texts[5], "bare text");
	assert_int_equal(events[6].row, PMT_ROW_LAST);
}

static void
lines_may_end_as_elsewhere(void **state)
{
	(void)state;
	read_text("SOF\r\nHDR: Clock Address LiveCnt Type File Line Function "
		  "RSS dRSS\r\nNEW: 1.0 0x1 1 A f 1 g 4096 0\r\nEOF\r\n");
	assert_int_equal(count, 1);
	assert_int_equal(events[0].row, PMT_ROW_NEW);
}

static void
a_mark_of_the_encoding_is_skipped(void **state)
{
	(void)state;
	read_text(join("\xef\xbb\xbf", reference_log(
		reference_row("A", "f", 1, "g"))));
	assert_int_equal(count, 1);
	assert_int_equal(events[0].row, PMT_ROW_NEW);
}

static void
a_second_log_in_the_file_is_noticed(void **state)
{
	char *one = reference_log(reference_row("A", "f", 1, "g"));

	(void)state;
	read_text(join(one, one));
	assert_int_equal(count, 3);
	assert_int_equal(events[1].row, PMT_ROW_PROBLEM);
	assert_int_equal(events[2].row, PMT_ROW_NEW);
}

static void
an_endless_line_is_skipped(void **state)
{
	size_t size = 9 << 20;
	char *text = malloc(size), *rest;
	const char *row = reference_row("A", "f", 1, "g");

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	strcpy(text, "SOF\n" REFERENCE_HEADER);
	text[strlen(text)] = 'x';
	rest = text + size - strlen(row) - 6;
	sprintf(rest, "\n%sEOF\n", row);
	read_log(text, strlen(text));
	free(text);
	assert_int_equal(count, 2);
	assert_int_equal(events[0].row, PMT_ROW_PROBLEM);
	assert_non_null(strstr(texts[0], "4 MiB"));
	assert_int_equal(events[0].line, 3);
	assert_int_equal(events[1].row, PMT_ROW_NEW);
	assert_int_equal(events[1].line, 4);
}

static void
refuses_what_cannot_be_opened(void **state)
{
	struct pmt_log *log = (struct pmt_log *)state;

	assert_int_equal(pmt_log_open("/", sites, NULL, &log), -EISDIR);
	assert_int_equal(pmt_log_open("/no/such", sites, NULL, &log), -ENOENT);
	assert_ptr_equal(log, (struct pmt_log *)state);
	pmt_log_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_every_column),
		TEST(the_first_difference_is_none),
		TEST(unescaped_blanks_stay_in_their_names),
		TEST(names_that_begin_alike_are_told_apart),
		TEST(escapes_are_undone),
		TEST(names_may_be_long),
		TEST(a_torn_log_is_read_to_the_tear),
		TEST(what_is_no_log_is_called_so),
		TEST(broken_rows_are_named_and_passed_by),
		TEST(messages_may_go_on),
		TEST(an_opening_message_may_look_like_a_log),
		TEST(reads_profiles_old_and_new),
		TEST(lines_may_end_as_elsewhere),
		TEST(a_mark_of_the_encoding_is_skipped),
		TEST(a_second_log_in_the_file_is_noticed),
		TEST(an_endless_line_is_skipped),
		TEST(refuses_what_cannot_be_opened),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
