/* SPDX-License-Identifier: MIT */
/* What a verdict says, and what it must not say, of each finding. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/verdicttext.h"

enum { MIB = 1 << 20 };

static struct pmt_verdict
verdict_of(enum pmt_finding finding)
{
	return (struct pmt_verdict){
		.finding = finding, .sizes = true,
		.growth = 40 * MIB, .peak_growth = 40 * MIB,
		.explained = 30 * MIB,
	};
}

/* As one line, without the breaks. */
static char *
printed(void print(FILE *, const struct pmt_verdict *, size_t),
	const struct pmt_verdict *verdict, size_t growing)
{
	static char text[1000];
	FILE *out = fmemopen(text, sizeof(text), "w");
	char *to = text;

	assert_non_null(out);
	print(out, verdict, growing);
	fclose(out);
	for (const char *from = text; *from != '\0'; from++) {
		bool blank = *from == ' ' || *from == '\n';

		if (!blank || (to > text && to[-1] != ' '))
			*to++ = blank ? ' ' : *from;
	}
	*to = '\0';
	return text;
}

static void
says(const struct pmt_verdict *verdict, size_t growing, const char *text)
{
	if (strstr(printed(pmt_print_verdict, verdict, growing), text) == NULL)
		fail_msg("no '%s' in: %s", text,
			 printed(pmt_print_verdict, verdict, growing));
}

static void
says_not(const struct pmt_verdict *verdict, size_t growing, const char *text)
{
	if (strstr(printed(pmt_print_verdict, verdict, growing), text) != NULL)
		fail_msg("'%s' in: %s", text,
			 printed(pmt_print_verdict, verdict, growing));
}

static void
test_a_plateau_has_nothing_that_grows(void **state)
{
	struct pmt_verdict verdict = verdict_of(PMT_FINDING_OBJECTS);

	(void)state;
	says(&verdict, 0, "by 40 MiB, then stayed: a plateau. ");
	says(&verdict, 0, "(75 %); none of them grows.");
	says_not(&verdict, 1, "plateau");
	says(&verdict, 1, "most of it early, but 1 group of objects grows to "
	     "the end. ");
	says(&verdict, 2, "but 2 groups of objects grow to the end. ");
	verdict.still_growing = true;
	says(&verdict, 0, ", and still did at the end. ");
	says(&verdict, 0, "; none of them grows in number.");
	says_not(&verdict, 2, "none of them");
}

static void
test_groups_may_grow_where_memory_did_not(void **state)
{
	struct pmt_verdict verdict = verdict_of(PMT_FINDING_STEADY);

	(void)state;
	verdict.growth = 0;
	says(&verdict, 0, "Memory did not grow.");
	says(&verdict, 1, "Memory did not grow, but 1 group of objects grows "
	     "to the end.");
	verdict.growth = MIB / 2;
	says(&verdict, 1, "Memory grew by 512 KiB only, but 1 group of objects "
	     "grows to the end.");
}

static void
test_what_is_free_is_told(void **state)
{
	struct pmt_verdict verdict = verdict_of(PMT_FINDING_ELSEWHERE);

	(void)state;
	verdict.explained = MIB;
	says(&verdict, 0, "The objects below explain 3 % of it: ");
	verdict.free = 15 * MIB;
	says(&verdict, 0, "15 MiB of it are free, and kept by the allocators. "
	     "The objects below explain 4 % of what is in use: ");
	verdict.finding = PMT_FINDING_PARTLY;
	says(&verdict, 0, "15 MiB of it are free, and kept by the allocators. "
	     "The objects below explain 1.0 MiB of the 25 MiB in use (4 %)");
	verdict.free = MIB;
	says_not(&verdict, 0, "free");
}

static void
test_free_memory_is_no_leak_unless_the_peak_was(void **state)
{
	struct pmt_verdict verdict = verdict_of(PMT_FINDING_FREE);

	(void)state;
	verdict.free = verdict.c_free = 30 * MIB;
	says(&verdict, 0, "allocators: no leak. malloc_trim");
	says_not(&verdict, 1, "no leak");
	verdict.peak = true;
	says(&verdict, 0, "no leak, unless what was alive at the peak should "
	     "have gone before. ");
	assert_non_null(strstr(printed(pmt_print_next, &verdict, 0),
			       "--at peak"));
}

static void
test_what_is_next_where_nothing_grows(void **state)
{
	struct pmt_verdict verdict = verdict_of(PMT_FINDING_OBJECTS);

	(void)state;
	assert_non_null(strstr(printed(pmt_print_next, &verdict, 0),
			       "nothing grows"));
	verdict.still_growing = true;
	assert_non_null(strstr(printed(pmt_print_next, &verdict, 0),
			       "the largest: does it grow, "));
	/* The first screen, which knows of some objects only. */
	verdict = verdict_of(PMT_FINDING_ELSEWHERE);
	verdict.code = verdict.narrow = true;
	assert_non_null(strstr(printed(pmt_print_next, &verdict, 0),
			       "has stopped growing"));
	assert_null(strstr(printed(pmt_print_next, &verdict, 1), "stopped"));
	verdict.still_growing = true;
	assert_null(strstr(printed(pmt_print_next, &verdict, 0), "stopped"));
	/* Before Python 3.13; what is gone is in no list. */
	verdict = verdict_of(PMT_FINDING_GIVEN_BACK);
	verdict.code = verdict.old = true;
	assert_non_null(strstr(printed(pmt_print_next, &verdict, 0),
			       "at the peak"));
}

static void
test_what_imports_took_is_told(void **state)
{
	struct pmt_verdict verdict = verdict_of(PMT_FINDING_CODE);

	(void)state;
	verdict.imports = 30 * MIB;
	verdict.books = 2 * MIB;
	says(&verdict, 0, "Memory grew by 40 MiB, 30 MiB of it by imports, up "
			  "to 2.0 MiB of it for this report, then stayed");
	verdict.imports = 19 * MIB;
	says_not(&verdict, 0, "imports");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_plateau_has_nothing_that_grows),
		cmocka_unit_test(test_groups_may_grow_where_memory_did_not),
		cmocka_unit_test(test_what_is_free_is_told),
		cmocka_unit_test(
			test_free_memory_is_no_leak_unless_the_peak_was),
		cmocka_unit_test(test_what_is_next_where_nothing_grows),
		cmocka_unit_test(test_what_imports_took_is_told),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
