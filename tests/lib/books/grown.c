/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "books/grown.h"

static struct pmt_grown grown;

static bool
note(const char *text)
{
	return pmt_grown_note(&grown, (struct pmt_text){ text, strlen(text) });
}

static void
rows_are_read(void **state)
{
	(void)state;
	assert_false(note("Group at the end: live=1"));
	assert_false(grown.known);
	assert_true(note("Grown at the end: live=300 before=20 bytes=4096"));
	assert_true(note("Grown: live=200 before=9 bytes=900 bytes_before=7 "
			 "type=m.A\\040B held=199 by m.kept['a b'] (of 200)"));
	assert_true(grown.known);
	assert_int_equal(grown.live, 300);
	assert_int_equal(grown.before, 20);
	assert_int_equal(grown.bytes, 4096);
	assert_int_equal(grown.count, 1);
	assert_int_equal(grown.kind[0].live, 200);
	assert_int_equal(grown.kind[0].before, 9);
	assert_int_equal(grown.kind[0].bytes, 900);
	assert_int_equal(grown.kind[0].bytes_before, 7);
	assert_int_equal(grown.kind[0].held, 199);
	assert_string_equal(grown.kind[0].type, "m.A B");
	assert_string_equal(grown.kind[0].by, "m.kept['a b'] (of 200)");
	pmt_grown_fini(&grown);
	assert_false(grown.known);
}

static void
rows_of_strangers_do_no_harm(void **state)
{
	(void)state;
	/* Before its heading, without a type or a holder. */
	assert_true(note("Grown: live=1 type=m.A held=1 by m.kept"));
	assert_int_equal(grown.count, 0);
	assert_true(note("Grown at the end: live=-5 before=x "
			 "bytes=99999999999999999999"));
	assert_true(grown.known);
	assert_int_equal(grown.live, 0);
	assert_int_equal(grown.bytes, INT64_MAX);
	assert_true(note("Grown: live=1 held=1 by m.kept"));
	assert_true(note("Grown: live=1 type=m.A"));
	assert_true(note("Grown: live=1 type=m.A held=1"));
	assert_true(note("Grown:"));
	assert_int_equal(grown.count, 0);
	for (int i = 0; i < 1000; i++)
		assert_true(note("Grown: type=m.A held=1 by m"));
	assert_int_equal(grown.count, PMT_GROWN_KINDS);
	/* A log that was appended to begins again. */
	assert_true(note("Grown at the end: live=1"));
	assert_int_equal(grown.count, 0);
	pmt_grown_fini(&grown);
}

/* Addresses go with the last kind, unless that made no sense. */
static void
blocks_go_with_their_kind(void **state)
{
	(void)state;
	assert_true(note("Blocks of these: 7f10"));
	assert_true(note("Grown at the end: live=300 before=20 bytes=4096"));
	assert_true(note("Blocks of these: 7f10"));
	assert_true(note("Grown: live=3 type=m.A held=3 by m.kept"));
	assert_true(note("Blocks of these: 7f10 7f20"));
	assert_true(note("Blocks of these: ffffffffffff0 x 7f40"));
	assert_int_equal(grown.kind[0].blocks, 3);
	assert_int_equal(grown.kind[0].block[0], 0x7f10);
	assert_int_equal(grown.kind[0].block[1], 0x7f20);
	assert_int_equal(grown.kind[0].block[2], 0xffffffffffff0);
	assert_true(note("Grown: live=3 type=m.A"));
	assert_true(note("Blocks of these: 7f50"));
	assert_true(note("Blocks of these:"));
	assert_int_equal(grown.count, 1);
	assert_int_equal(grown.kind[0].blocks, 3);
	assert_true(note("Grown: live=3 type=m.B held=3 by m.kept"));
	for (size_t i = 0; i < PMT_GROWN_BLOCKS; i++)
		assert_true(note("Blocks of these: 10 20"));
	assert_int_equal(grown.kind[0].blocks, 3);
	assert_int_equal(grown.kind[1].blocks, PMT_GROWN_BLOCKS);
	pmt_grown_fini(&grown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read),
		cmocka_unit_test(rows_of_strangers_do_no_harm),
		cmocka_unit_test(blocks_go_with_their_kind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
