/* SPDX-License-Identifier: MIT */
/* Does memory still grow at the end, beside what imports took? */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "books/verdict.h"

enum { KIB = 1 << 10, MIB = 1 << 20, ROWS = 1000 };

/*
 * Imports take 40 MiB in the first fifth of the time, and then come MORE bytes,
 * bit by bit, in the first PART of what is left.
 */
static struct pmt_verdict
verdict_of(uint64_t imports, double more, double part)
{
	struct pmt_footprints footprints = { .first_rss = 0 };

	for (int i = 0; i < ROWS; i++) {
		double late = (i - ROWS / 5) / (part * ROWS * 4 / 5);
		double rss = 10.0 * MIB;

		rss += late < 0 ? 40.0 * MIB * i / (ROWS / 5)
				: 40.0 * MIB + more * (late < 1 ? late : 1);
		(void)pmt_footprints_rss(&footprints, i * 1000000,
					 (int64_t)rss / 4096 * 4096);
	}
	/* The note at the end of a log. */
	pmt_footprints_set(&footprints, ROWS * 1000000, footprints.last_rss);
	footprints.imports = imports;
	return pmt_verdict_of(&footprints, PMT_VERDICT_CODE, 0);
}

static void
test_a_slow_growth_behind_large_imports(void **state)
{
	struct pmt_verdict verdict = verdict_of(40 * MIB, 2 * MIB, 1);

	(void)state;
	assert_true(verdict.still_growing);
	assert_int_equal(verdict.imports, 40 * MIB);
	assert_int_equal(verdict.growth, 42 * MIB - 4 * KIB);
	assert_int_equal(verdict.finding, PMT_FINDING_CODE);
	/* As much beside 40 MiB of the program's own is nothing. */
	assert_false(verdict_of(0, 2 * MIB, 1).still_growing);
}

static void
test_what_was_imported_and_stays_is_a_plateau(void **state)
{
	(void)state;
	assert_false(verdict_of(40 * MIB, 0, 1).still_growing);
	assert_false(verdict_of(40 * MIB, 200 * KIB, 1).still_growing);
	assert_false(verdict_of(40 * MIB, 2 * MIB, 0.2).still_growing);
}

static void
test_imports_take_no_more_than_there_is(void **state)
{
	struct pmt_verdict verdict = verdict_of(70 * MIB, 8 * MIB, 1);

	(void)state;
	assert_int_equal(verdict.imports, verdict.growth);
	assert_true(verdict.still_growing);
}

static uint64_t
peak_growth(const char *start, const char *end)
{
	struct pmt_footprints footprints = { .first_rss = 0 };
	bool higher;

	assert_true(pmt_footprints_note(&footprints, 0, (struct pmt_text){
		start, strlen(start) }, &higher));
	assert_true(pmt_footprints_note(&footprints, 1000, (struct pmt_text){
		end, strlen(end) }, &higher));
	return pmt_verdict_of(&footprints, PMT_VERDICT_CODE, 0).peak_growth;
}

/* What was highest before the log began is none of its growth. */
static void
test_a_peak_that_only_the_kernel_saw(void **state)
{
	(void)state;
	assert_int_equal(peak_growth("Memory at start: rss=1000 peak=1000",
				     "Memory at exit: rss=1500 peak=9000"),
			 8000);
	assert_int_equal(peak_growth("Memory at start: rss=1000 peak=9000",
				     "Memory at exit: rss=1500 peak=9000"),
			 500);
	assert_int_equal(peak_growth("Memory at start: rss=1000 peak=1000",
				     "Memory at exit: rss=1500"), 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_slow_growth_behind_large_imports),
		cmocka_unit_test(
			test_what_was_imported_and_stays_is_a_plateau),
		cmocka_unit_test(test_imports_take_no_more_than_there_is),
		cmocka_unit_test(test_a_peak_that_only_the_kernel_saw),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
