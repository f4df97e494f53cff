/* SPDX-License-Identifier: MIT */
/* A compact log says what a text log says of the same events. */
#include <config.h>

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "log/row.h"
#include "read/logread.h"
#include "report/recorders.h"

static char path[] = "/tmp/pmt-compactlog-XXXXXX";

/* What was read: the opening message, and the first row. */
struct told {
	char *introduction;
	size_t length;
	uint64_t line;
	char text[16];
};

static void
write_log(enum pmt_encoding encoding, const char *message)
{
	/* A late one has the same bytes in the end. */
	const struct pmt_recorder_options options = {
		.late = message != NULL,
	};
	const struct pmt_note note = { .clock = 1, .text = "here", .size = 4 };
	struct pmt_recorder *log;

	assert_int_equal(pmt_recorder_of(encoding)(path, &options, &log), 0);
	pmt_recorder_begin(log, 'O', 0, message);
	pmt_recorder_note(log, &note);
	pmt_recorder_end(log);
	assert_int_equal(pmt_recorder_close(log, NULL), 0);
}

static struct told
read_log(void)
{
	struct pmt_sites *sites = pmt_sites_new();
	struct pmt_event event = { 0 };
	struct pmt_text introduction;
	struct pmt_log *log;
	struct told told;

	assert_non_null(sites);
	assert_int_equal(pmt_log_open(path, sites, NULL, &log), 0);
	introduction = pmt_log_introduction(log);
	assert_int_equal(pmt_log_next(log, &event), 1);
	assert_int_equal(event.row, PMT_ROW_MSG);
	assert_in_range(event.text.length, 0, sizeof(told.text) - 1);
	told = (struct told){
		.introduction = malloc(introduction.length + 1),
		.length = introduction.length,
		.line = event.line,
	};
	assert_non_null(told.introduction);
	if (introduction.length > 0)
		memcpy(told.introduction, introduction.bytes,
		       introduction.length);
	memcpy(told.text, event.text.bytes, event.text.length);
	assert_int_equal(pmt_log_next(log, &event), 0);
	assert_true(pmt_log_ended(log));
	pmt_log_close(log);
	pmt_sites_free(sites);
	return told;
}

static void
compare(const char *message)
{
	struct told text, compact;

	write_log(PMT_ENCODING_TEXT, message);
	text = read_log();
	write_log(PMT_ENCODING_COMPACT, message);
	compact = read_log();
	assert_string_equal(text.text, "here");
	assert_string_equal(compact.text, "here");
	assert_int_equal(compact.line, text.line);
	assert_int_equal(compact.length, text.length);
	assert_memory_equal(compact.introduction, text.introduction,
			    text.length);
	free(text.introduction);
	free(compact.introduction);
}

static void
any_message_is_that_of_a_text_log(void **state)
{
	static const char *const messages[] = {
		NULL, "", "a", "a\n", "a\n\n", "\n", "a\nb", "a\nb\n",
		"\303\244\n", "a\r\nb",
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(messages); i++)
		compare(messages[i]);
}

static void
a_long_message_is_that_of_a_text_log(void **state)
{
	size_t size = 1000000;
	char *message = malloc(size + 1);

	(void)state;
	assert_non_null(message);
	for (size_t i = 0; i < size; i++)
		message[i] = i % 61 == 60 ? '\n' : (char)('a' + i % 26);
	message[size] = '\0';
	compare(message);
	free(message);
}

enum { ROWS = 2000, NAMES = 5 };

static struct pmt_column types[NAMES], files[NAMES], functions[NAMES];

static void
make_names(void)
{
	static const char *const names[NAMES] = {
		"a", "b c", "\303\244", "a/long.name", "",
	};

	for (int i = 0; i < NAMES; i++) {
		size_t n = strlen(names[i]);

		assert_int_equal(pmt_column_init(&types[i], names[i], n,
						 PMT_TYPE_WIDTH), 0);
		assert_int_equal(pmt_column_init(&files[i], names[i], n,
						 PMT_FILE_WIDTH), 0);
		assert_int_equal(pmt_column_init(&functions[i], names[i], n,
						 PMT_FUNCTION_WIDTH), 0);
	}
}

static void
free_names(void)
{
	for (int i = 0; i < NAMES; i++) {
		pmt_column_fini(&types[i]);
		pmt_column_fini(&files[i]);
		pmt_column_fini(&functions[i]);
	}
}

static int64_t
around(int64_t size)
{
	return random() % (2 * size) - size;
}

/* The same ones each time, of that kind, with these COLUMNS. */
static void
write_rows(enum pmt_encoding encoding, char kind, unsigned int columns)
{
	const struct pmt_recorder_options options = { 0 };
	struct pmt_reference_event made = { .wall = 1 << 30, .rss = 1 << 24 };
	struct pmt_profile_event event = { .rss = 1 << 24 };
	struct pmt_recorder *log;

	srandom(columns + (unsigned char)kind);
	assert_int_equal(pmt_recorder_of(encoding)(path, &options, &log), 0);
	pmt_recorder_begin(log, kind, columns, NULL);
	for (int i = 0; i < ROWS; i++) {
		const struct pmt_place place = {
			.file = &files[random() % NAMES],
			.function = &functions[random() % NAMES],
			.line = (int)(random() % 5000),
		};
		uint64_t us = (uint64_t)random() % 100;

		made.created = random() % 2;
		made.clock = event.clock += us;
		made.wall += random() % 9 == 0 ? 7 * us : us;
		made.address = (uintptr_t)(random() % 4000 + 1) * 16;
		made.live = around(100);
		made.type = &types[random() % NAMES];
		made.place = place;
		made.d_rss = event.d_rss = around(3) * 4096;
		made.rss = event.rss = made.rss + (uint64_t)made.d_rss;
		made.thread = event.thread = random() % 3 + 100;
		made.size = made.created ? (uint64_t)random() % 99 * 8 : 0;
		event.d_event = (uint64_t)random() % 3;
		event.event += event.d_event;
		event.what = PMT_WHAT_CALL + random() % 4;
		event.file = place.file;
		event.function = place.function;
		event.line = place.line;
		if (kind == 'O')
			pmt_recorder_reference(log, &made);
		else
			pmt_recorder_profile(log, PMT_ROW_NEXT, &event);
	}
	pmt_recorder_end(log);
	assert_int_equal(pmt_recorder_close(log, NULL), 0);
}

static void
read_rows(struct pmt_sites *sites, struct pmt_event *events)
{
	struct pmt_log *log;

	assert_int_equal(pmt_log_open(path, sites, NULL, &log), 0);
	for (int i = 0; i < ROWS; i++)
		assert_int_equal(pmt_log_next(log, &events[i]), 1);
	assert_int_equal(pmt_log_next(log, &events[0]), 0);
	pmt_log_close(log);
}

static void
assert_same(const struct pmt_event *a, const struct pmt_event *b)
{
	assert_int_equal(a->row, b->row);
	assert_int_equal(a->has, b->has);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->clock, b->clock);
	assert_int_equal(a->rss, b->rss);
	assert_int_equal(a->d_rss, b->d_rss);
	assert_int_equal(a->site, b->site);
#define ASSERT_SAME(column, field) \
	if (PMT_HAS(a, column)) \
		assert_int_equal(a->field, b->field)
	ASSERT_SAME(EVENT, event);
	ASSERT_SAME(D_EVENT, d_event);
	ASSERT_SAME(WHAT, what);
	ASSERT_SAME(ADDRESS, address);
	ASSERT_SAME(LIVE, live);
	ASSERT_SAME(THREAD, thread);
	ASSERT_SAME(WALL, wall);
	ASSERT_SAME(SIZE, size);
#undef ASSERT_SAME
}

static void
compare_rows(char kind, unsigned int columns)
{
	static struct pmt_event text[ROWS], compact[ROWS];
	struct pmt_sites *sites = pmt_sites_new();

	assert_non_null(sites);
	write_rows(PMT_ENCODING_TEXT, kind, columns);
	read_rows(sites, text);
	write_rows(PMT_ENCODING_COMPACT, kind, columns);
	read_rows(sites, compact);
	/* Of the first row no difference is known. */
	for (int i = 1; i < ROWS; i++)
		assert_same(&text[i], &compact[i]);
	pmt_sites_free(sites);
}

static void
rows_are_those_of_a_text_log(void **state)
{
	(void)state;
	make_names();
	for (unsigned int columns = 0; columns < 8; columns++)
		compare_rows('O', columns);
	compare_rows('P', 0);
	compare_rows('P', PMT_WITH_THREAD);
	compare_rows('T', 0);
	free_names();
}

static int
set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	/* What is not written does not happen to be zero. */
	mallopt(M_PERTURB, 0x55);
	return fd == -1 ? -1 : close(fd);
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_message_is_that_of_a_text_log),
		cmocka_unit_test(a_long_message_is_that_of_a_text_log),
		cmocka_unit_test(rows_are_those_of_a_text_log),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
