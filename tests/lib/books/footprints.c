/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "books/footprints.h"

static void
note(struct pmt_footprints *footprints, int64_t clock, unsigned rss)
{
	char text[64];
	bool higher;

	snprintf(text, sizeof(text), "Memory at growth: rss=%u", rss);
	assert_true(pmt_footprints_note(footprints, clock, (struct pmt_text){
		text, strlen(text) }, &higher));
}

/* However many there were, those kept are in order and evenly spaced. */
static void
moments_become_fewer(void **state)
{
	static struct pmt_footprints footprints;
	unsigned int stride = 1;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		note(&footprints, i, 4096 * ((unsigned)i + 1));
		while ((unsigned)i >= stride * PMT_FOOTPRINTS_NOTED)
			stride *= 2;
		assert_int_equal(footprints.noted_count,
				 (unsigned)i / stride + 1);
		for (unsigned j = 0; j < footprints.noted_count; j++) {
			assert_int_equal(footprints.noted[j].clock,
					 j * stride);
			assert_int_equal(footprints.noted[j].memory.rss,
					 4096 * (j * stride + 1));
		}
	}
	assert_int_equal(footprints.start.clock, 0);
	assert_int_equal(footprints.peak.clock, 999);
	assert_int_equal(footprints.end.clock, 999);
}

static int64_t
axis_end(unsigned rss, int64_t pause, int64_t pause_end)
{
	static struct pmt_footprints footprints;
	const struct pmt_timeline whole = { .start = 0, .end = 1600 };

	memset(&footprints, 0, sizeof(footprints));
	note(&footprints, 0, rss);
	pmt_footprints_pause(&footprints, 10, 20);
	pmt_footprints_pause(&footprints, pause, pause_end);
	pmt_footprints_pause(&footprints, 30, 40);
	return pmt_footprints_axis(&footprints, &whole).end;
}

static void
a_pause_at_the_end_is_none_of_the_program(void **state)
{
	(void)state;
	assert_int_equal(axis_end(4096, 1200, 1560), 1200);
	assert_int_equal(axis_end(4096, 1200, 1600), 1200);
	/* Too long for so little memory, or for the run; not at its end. */
	assert_int_equal(axis_end(100, 1200, 1560), 1600);
	assert_int_equal(axis_end(4096, 700, 1560), 1600);
	assert_int_equal(axis_end(4096, 1100, 1460), 1600);
	assert_int_equal(axis_end(4096, 1200, 1700), 1600);
	assert_int_equal(axis_end(4096, INT64_MAX, INT64_MIN), 1600);
}

/* Returns -1 where it is not known. */
static int64_t
unshared(const char *start, const char *end)
{
	struct pmt_footprints footprints = { .first_rss = 0 };
	uint64_t bytes;
	bool higher;

	assert_true(pmt_footprints_note(&footprints, 0, (struct pmt_text){
		start, strlen(start) }, &higher));
	assert_true(pmt_footprints_note(&footprints, 1, (struct pmt_text){
		end, strlen(end) }, &higher));
	return pmt_footprints_unshared(&footprints, &bytes) ? (int64_t)bytes
							    : -1;
}

static void
what_is_no_longer_shared_is_the_difference(void **state)
{
	static const char none[] = "Memory at start: rss=100";
	static const char some[] = "Memory at start: rss=100 inherited=50";
	static const char less[] = "Memory at exit: rss=100 inherited=20";

	(void)state;
	assert_int_equal(unshared(some, less), 30);
	assert_int_equal(unshared(less, some), 0);
	assert_int_equal(unshared(none, less), -1);
	assert_int_equal(unshared(some, none), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_become_fewer),
		cmocka_unit_test(a_pause_at_the_end_is_none_of_the_program),
		cmocka_unit_test(what_is_no_longer_shared_is_the_difference),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
