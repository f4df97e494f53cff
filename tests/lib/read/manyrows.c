/* SPDX-License-Identifier: MIT */
/* Rows read many at a time are those that are read one by one. */
#include <config.h>

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
#include "report/recorders.h"

enum { ROWS = 40000, NAMES = 200, ROOM = 64 };

static const enum pmt_encoding encodings[] = {
	PMT_ENCODING_TEXT, PMT_ENCODING_COMPACT,
};
static struct pmt_column types[NAMES], files[NAMES], functions[NAMES];
static char path[] = "/tmp/pmt-manyrows-XXXXXX";

static int
set_up(void **state)
{
	int fd = mkstemp(path);
	char name[32];

	(void)state;
	if (fd == -1)
		return -1;
	close(fd);
	for (int i = 0; i < NAMES; i++) {
		int n = snprintf(name, sizeof(name), "name%d", i);

		if (pmt_column_init(&types[i], name, (size_t)n, 32) < 0 ||
		    pmt_column_init(&files[i], name, (size_t)n, 80) < 0 ||
		    pmt_column_init(&functions[i], name, (size_t)n, 40) < 0)
			return -1;
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < NAMES; i++) {
		pmt_column_fini(&types[i]);
		pmt_column_fini(&files[i]);
		pmt_column_fini(&functions[i]);
	}
	return unlink(path);
}

/* Mostly below SMALL, now and then so big that many bytes are needed. */
static uint64_t
number(uint64_t small)
{
	if (random() % 50 != 0)
		return (uint64_t)random() % small;
	return (uint64_t)random() << random() % 16;
}

static struct pmt_recorder *
open_log(enum pmt_encoding encoding)
{
	const struct pmt_recorder_options options = { 0 };
	struct pmt_recorder *log;

	assert_int_equal(pmt_recorder_of(encoding)(path, &options, &log), 0);
	return log;
}

static void
put_note(struct pmt_recorder *log, uint64_t clock)
{
	const struct pmt_note note = {
		.clock = clock, .text = "x", .size = 1,
	};

	pmt_recorder_note(log, &note);
}

static void
write_references(struct pmt_recorder *log, unsigned int columns)
{
	struct pmt_reference_event event = {
		.address = 0x7f0000000000, .rss = 1 << 24, .wall = 1 << 30,
	};

	int64_t live[NAMES] = { 0 };

	pmt_recorder_begin(log, 'O', columns, "message");
	for (int i = 0; i < ROWS; i++) {
		uint64_t us = number(3), type = number(20) % NAMES;
		uint64_t place = number(20) % NAMES;

		event.created = random() % 2;
		event.clock += us;
		event.wall += random() % 20 ? us : number(5);
		event.address += (number(4096) - 2048) * 16;
		event.type = &types[type];
		live[type] += event.created ? 1 : -1;
		if (random() % 20 == 0)
			live[type] = (int64_t)number(9);
		event.live = live[type];
		event.place.file = &files[place];
		event.place.function = &functions[place];
		event.place.line = (int)(number(60) % 10000);
		event.d_rss = random() % 20 ? 0 : 4096;
		event.rss += (uint64_t)event.d_rss;
		event.thread = random() % 100 ? event.thread : random() % 3;
		event.size = event.created ? 16 * type : 0;
		if (random() % 20 == 0)
			event.size = number(100);
		pmt_recorder_reference(log, &event);
		if (random() % 5000 == 0)
			put_note(log, event.clock);
	}
	pmt_recorder_end(log);
}

static void
write_profile(struct pmt_recorder *log)
{
	struct pmt_profile_event event = { .rss = 1 << 24 };

	pmt_recorder_begin(log, 'P', PMT_WITH_THREAD, NULL);
	for (int i = 0; i < ROWS; i++) {
		uint64_t place = number(20) % NAMES;

		event.d_event = random() % 20 ? 1 : number(5);
		event.event += event.d_event;
		event.clock += number(3);
		event.what = PMT_WHAT_CALL + random() % 4;
		event.file = &files[place];
		event.function = &functions[place];
		event.line = (int)(number(60) % 10000);
		event.d_rss = random() % 20 ? 0 : -4096;
		event.rss += (uint64_t)event.d_rss;
		pmt_recorder_profile(log, PMT_ROW_NEXT + random() % 3, &event);
		if (random() % 5000 == 0)
			put_note(log, event.clock);
	}
	pmt_recorder_end(log);
}

static void
assert_same(const struct pmt_event *a, const struct pmt_event *b)
{
	assert_int_equal(a->row, b->row);
	assert_int_equal(a->has, b->has);
	assert_int_equal(a->line, b->line);
#define ASSERT_SAME(column, field) \
	if (PMT_HAS(a, column)) \
		assert_int_equal(a->field, b->field)
	ASSERT_SAME(EVENT, event);
	ASSERT_SAME(D_EVENT, d_event);
	ASSERT_SAME(CLOCK, clock);
	ASSERT_SAME(WHAT, what);
	ASSERT_SAME(ADDRESS, address);
	ASSERT_SAME(LIVE, live);
	ASSERT_SAME(FILE, site);
	ASSERT_SAME(RSS, rss);
	ASSERT_SAME(D_RSS, d_rss);
	ASSERT_SAME(THREAD, thread);
	ASSERT_SAME(WALL, wall);
	ASSERT_SAME(SIZE, size);
#undef ASSERT_SAME
	assert_int_equal(a->text.length, b->text.length);
	if (a->text.length > 0)
		assert_memory_equal(a->text.bytes, b->text.bytes,
				    a->text.length);
}

/* Read the log both ways; returns how many of its rows came with others. */
static int
compare(void)
{
	struct pmt_sites *sites = pmt_sites_new();
	struct pmt_event many[ROOM] = { 0 }, one = { 0 };
	struct pmt_log *left, *right;
	int count, rows = 0, together = 0;

	assert_non_null(sites);
	assert_int_equal(pmt_log_open(path, sites, NULL, &left), 0);
	assert_int_equal(pmt_log_open(path, sites, NULL, &right), 0);
	while ((count = pmt_log_read(left, many,
				     1 + (size_t)rows % ROOM)) > 0) {
		assert_in_range(count, 1, 1 + rows % ROOM);
		for (int i = 0; i < count; i++) {
			assert_int_equal(pmt_log_next(right, &one), 1);
			assert_same(&one, &many[i]);
		}
		rows += count;
		together += count > 1 ? count : 0;
	}
	assert_int_equal(count, 0);
	assert_int_equal(pmt_log_next(right, &one), 0);
	assert_in_range(rows, ROWS, ROWS + 100);
	pmt_log_close(left);
	pmt_log_close(right);
	pmt_sites_free(sites);
	return together;
}

static void
references_are_the_same(void **state)
{
	(void)state;
	for (unsigned int columns = 0; columns < 8; columns++) {
		for (int i = 0; i < 2; i++) {
			struct pmt_recorder *log;

			srandom(columns);
			log = open_log(encodings[i]);
			write_references(log, columns);
			assert_int_equal(pmt_recorder_close(log, NULL), 0);
			assert_in_range(compare(), ROWS / 10, ROWS);
		}
	}
}

static void
profiles_are_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct pmt_recorder *log;

		srandom(1);
		log = open_log(encodings[i]);
		write_profile(log);
		assert_int_equal(pmt_recorder_close(log, NULL), 0);
		assert_in_range(compare(), ROWS / 10, ROWS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_the_same),
		cmocka_unit_test(profiles_are_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
