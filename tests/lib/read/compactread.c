/* SPDX-License-Identifier: MIT */
/* What of a damaged compact log is read, and what is said of the rest. */
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

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "log/compact.h"
#include "read/logread.h"

enum { READ = 1 << 18 };	/* bytes that input.c reads in one go */

static uint8_t *file;
static size_t size, allocated;

static void
put(const void *bytes, size_t count)
{
	/* AddressSanitizer's realloc() copies each time. */
	if (size + count > allocated) {
		allocated = 2 * (size + count);
		file = realloc(file, allocated);
		assert_non_null(file);
	}
	memcpy(file + size, bytes, count);
	size += count;
}

static void
begin(void)
{
	free(file);
	file = NULL;
	size = allocated = 0;
}

static void
put_header(char kind)
{
	uint8_t header[PMT_COMPACT_HEADER] = PMT_COMPACT_MAGIC;

	header[8] = PMT_COMPACT_VERSION;
	header[9] = (uint8_t)kind;
	put(header, sizeof(header));
}

static void
put_block(const void *payload, size_t count)
{
	uint8_t *block = calloc(1, PMT_COMPACT_BLOCK_HEADER + count);

	assert_non_null(block);
	memcpy(block, PMT_COMPACT_BLOCK, 4);
	pmt_put_le(block + 4, count, 4);
	memcpy(block + PMT_COMPACT_BLOCK_HEADER, payload, count);
	pmt_put_le(block + 8, XXH3_64bits(
		block + PMT_COMPACT_HASHED,
		PMT_COMPACT_BLOCK_HEADER - PMT_COMPACT_HASHED + count), 8);
	put(block, PMT_COMPACT_BLOCK_HEADER + count);
	free(block);
}

/* A block of one object, known by its ADDRESS, a multiple of 16. */
static void
put_object(uint64_t address)
{
	uint8_t payload[64], *p = payload;

	*p++ = PMT_COMPACT_TYPE;
	memcpy(p, "\0\1t", 3);
	p += 3;
	*p++ = PMT_COMPACT_SITE;
	memcpy(p, "\1f\1g", 4);
	p += 4;
	*p++ = PMT_COMPACT_EVENT | PMT_COMPACT_CREATED;
	*p++ = 0;
	p = pmt_put_varint(p, address / 16 << 2);
	memcpy(p, "\0\0\0", 3);
	put_block(payload, (size_t)(p + 3 - payload));
}

static void
put_end(void)
{
	put_block("\5", 1);
}

/* What a log gave: addresses of rows, 0 for each problem. */
static uint64_t found[4096];
static size_t count;
static char problem[256];
static bool ended;

static void
note(const struct pmt_event *event)
{
	assert_in_range(count, 0, PMT_ARRAY_SIZE(found) - 1);
	found[count++] = event->row == PMT_ROW_PROBLEM ? 0 : event->address;
	if (event->row == PMT_ROW_PROBLEM)
		snprintf(problem, sizeof(problem), "%.*s",
			 (int)event->text.length, event->text.bytes);
}

/* Read what was put: many rows at a time, or one by one. */
static void
read_log(bool many)
{
	char path[] = "/tmp/pmt-compactread-XXXXXX";
	int fd = mkstemp(path), n;
	struct pmt_sites *sites = pmt_sites_new();
	struct pmt_event events[16] = { 0 };
	struct pmt_log *log;

	assert_true(fd != -1);
	assert_int_equal(write(fd, file, size), size);
	close(fd);
	count = 0;
	problem[0] = '\0';
	assert_int_equal(pmt_log_open(path, sites, NULL, &log), 0);
	unlink(path);
	while ((n = many ? pmt_log_read(log, events, 16)
			 : pmt_log_next(log, events)) > 0) {
		for (int i = 0; i < n; i++)
			note(&events[i]);
	}
	assert_int_equal(n, 0);
	ended = pmt_log_ended(log);
	pmt_log_close(log);
	pmt_sites_free(sites);
}

/* Whichever byte changes: its block is lost, and no other. */
static void
only_a_damaged_block_is_lost(void **state)
{
	enum { BLOCKS = 60 };
	size_t start[BLOCKS + 1];

	(void)state;
	srandom(1);
	for (int run = 0; run < 200; run++) {
		bool bad[BLOCKS] = { false };
		int problems = 0;

		begin();
		put_header('O');
		for (int i = 0; i < BLOCKS; i++) {
			start[i] = size;
			put_object(16 * (uint64_t)(i + 1));
		}
		start[BLOCKS] = size;
		put_end();
		for (int i = 0; i < BLOCKS; i++) {
			size_t room = start[i + 1] - start[i];

			bad[i] = random() % 8 == 0;
			problems += bad[i] && (i == 0 || !bad[i - 1]);
			if (bad[i])
				file[start[i] + (size_t)random() % room] ^=
					1 << random() % 8;
		}
		read_log(run % 2);
		for (size_t i = 0, at = 0; i < BLOCKS; i++) {
			if (bad[i] && i > 0 && bad[i - 1])
				continue;
			assert_int_equal(found[at++],
					 bad[i] ? 0 : 16 * (i + 1));
		}
		for (int i = 0; i < BLOCKS; i++)
			problems += !bad[i];
		assert_int_equal(count, problems);
	}
}

/* The mark of a block may come in two pieces. */
static void
a_mark_is_found_across_two_reads(void **state)
{
	(void)state;
	for (size_t before = 0; before < 30; before++) {
		size_t lost;
		char expected[64];

		begin();
		put_header('O');
		put_object(16);
		lost = size;
		while (size < READ - before)
			put("P", 1);
		snprintf(expected, sizeof(expected), "damaged: %zu bytes from "
			 "byte %zu on were skipped", size - lost, lost);
		put_object(32);
		put_end();
		read_log(before % 2);
		assert_int_equal(count, 3);
		assert_int_equal(found[1], 0);
		assert_string_equal(problem, expected);
		assert_int_equal(found[2], 32);
	}
}

/* A size that cannot be is not waited for. */
static void
a_block_of_any_size_can_be_skipped(void **state)
{
	static const uint64_t sizes[] = {
		PMT_COMPACT_BLOCK_MAX, PMT_COMPACT_BLOCK_MAX + 1,
		5 << 20, INT32_MAX, UINT32_MAX,
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(sizes); i++) {
		uint8_t header[PMT_COMPACT_BLOCK_HEADER] = PMT_COMPACT_BLOCK;
		uint8_t *zeroes = calloc(6, 1 << 20);

		pmt_put_le(header + 4, sizes[i], 4);
		begin();
		put_header('O');
		put(header, sizeof(header));
		put_object(16);
		put(zeroes, 6 << 20);
		put_object(32);
		put_end();
		free(zeroes);
		read_log(true);
		assert_int_equal(count, 4);
		assert_int_equal(found[0], 0);
		assert_int_equal(found[1], 16);
		assert_int_equal(found[2], 0);
		assert_int_equal(found[3], 32);
	}
}

/* The largest one that a writer makes is read. */
static void
a_large_block_is_read(void **state)
{
	uint8_t *payload = calloc(1, PMT_COMPACT_BLOCK_MAX);
	uint8_t *p = payload;

	(void)state;
	assert_non_null(payload);
	*p++ = PMT_COMPACT_MSG;
	*p++ = 0;
	p = pmt_put_varint(p, PMT_COMPACT_BLOCK_MAX - 6);
	assert_ptr_equal(p, payload + 6);
	begin();
	put_header('O');
	put_block(payload, PMT_COMPACT_BLOCK_MAX);
	put_object(32);
	put_end();
	free(payload);
	read_log(true);
	assert_int_equal(count, 2);
	assert_string_equal(problem, "");
	assert_int_equal(found[1], 32);
}

static void
a_second_header_must_be_of_the_same_kind(void **state)
{
	(void)state;
	for (int same = 0; same < 2; same++) {
		begin();
		put_header('O');
		put_object(16);
		put_header(same ? 'O' : 'P');
		put_object(32);
		put_end();
		read_log(true);
		assert_int_equal(count, 2);
		assert_int_equal(found[0], 16);
		assert_int_equal(found[1], same ? 32 : 0);
		if (!same)
			assert_non_null(strstr(problem, "of another kind"));
	}
}

/* Wherever the file ends, all whole blocks are read, and the end is missed. */
static void
a_torn_log_is_read_to_the_tear(void **state)
{
	size_t whole, one;

	(void)state;
	begin();
	put_header('O');
	put_object(16);
	one = size;
	put_object(32);
	whole = size;
	while (size > PMT_COMPACT_HEADER) {
		size_t rows = size == whole ? 2 : size >= one ? 1 : 0;

		read_log(size % 2);
		assert_true(count >= rows);
		for (size_t i = 0; i < rows; i++)
			assert_int_equal(found[i], 16 * (i + 1));
		for (size_t i = rows; i < count; i++)
			assert_int_equal(found[i], 0);
		assert_false(ended);
		size--;
	}
}

/* One of a tracer that was killed: nobody has filled its header. */
static void
an_unfinished_block_is_read(void **state)
{
	size_t last;

	(void)state;
	begin();
	put_header('O');
	put_object(16);
	last = size;
	put_object(32);
	memset(file + last + 4, 0, PMT_COMPACT_BLOCK_HEADER - 4);
	read_log(true);
	assert_int_equal(count, 2);
	assert_int_equal(found[0], 16);
	assert_int_equal(found[1], 32);
	assert_false(ended);

	/* Not where more follows: then it is damage. */
	put_object(48);
	read_log(true);
	assert_true(count >= 3);
	assert_int_equal(found[0], 16);
}

/* A word for what happened that there is not must not be looked up. */
static void
a_row_must_say_what_happened(void **state)
{
	(void)state;
	for (int what = 0; what < 128; what++) {
		const uint8_t payload[] = {
			PMT_COMPACT_SITE, 1, 'f', 1, 'g',
			PMT_COMPACT_PROFILE, 1, 0, 0, 0, 0,
			PMT_COMPACT_PROFILE, (uint8_t)what, 0, 0, 0, 0,
			PMT_COMPACT_PROFILE, 1, 0, 0, 0, 0,
			/* As a quick reader likes it: with much behind it. */
			PMT_COMPACT_PROFILE, 1, 0, 0, 0, 0,
			PMT_COMPACT_PROFILE, 1, 0, 0, 0, 0,
		};

		begin();
		put_header('P');
		put_block(payload, sizeof(payload));
		put_end();
		for (int many = 0; many < 2; many++) {
			read_log(many);
			if (what <= PMT_WHAT_OPCODE) {
				assert_string_equal(problem, "");
				assert_int_equal(count, 5);
				continue;
			}
			assert_non_null(strstr(problem, "a bad record"));
			assert_int_equal(count, 2);
		}
	}
}

static int
tear_down(void **state)
{
	(void)state;
	free(file);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_damaged_block_is_lost),
		cmocka_unit_test(a_mark_is_found_across_two_reads),
		cmocka_unit_test(a_block_of_any_size_can_be_skipped),
		cmocka_unit_test(a_large_block_is_read),
		cmocka_unit_test(a_second_header_must_be_of_the_same_kind),
		cmocka_unit_test(a_torn_log_is_read_to_the_tear),
		cmocka_unit_test(an_unfinished_block_is_read),
		cmocka_unit_test(a_row_must_say_what_happened),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
