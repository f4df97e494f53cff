/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sample/footprint.h"

#define MIB (UINT64_C(1) << 20)

/* A tenth and 1 MiB above the highest that was noted. */
static void
is_due_by_the_rule(void **state)
{
	struct pmt_footprint_watch watch = { 0 };
	uint64_t highest = 0, rss, step;

	(void)state;
	srandom(1);
	assert_true(pmt_footprint_is_due(&watch, 0));
	for (int i = 0; i < 2000; i++) {
		rss = (uint64_t)(random() % 100000) * 4096;
		step = highest / 10 > MIB ? highest / 10 : MIB;
		assert_int_equal(pmt_footprint_is_due(&watch, rss),
				 highest == 0 || rss >= highest + step);
		assert_int_equal(pmt_footprint_is_due(&watch, highest + step),
				 true);
		assert_int_equal(pmt_footprint_is_due(&watch,
						      highest + step - 1),
				 highest == 0);
		if (random() % 4 == 0 && rss > 0) {
			pmt_footprint_noted(&watch, rss);
			highest = rss > highest ? rss : highest;
		}
	}
}

static void
is_never_due_where_rss_is_not_known(void **state)
{
	struct pmt_footprint_watch watch = { 0 };

	(void)state;
	pmt_footprint_noted(&watch, PMT_MEMORY_UNKNOWN);
	assert_false(pmt_footprint_is_due(&watch, UINT64_MAX - 1));
}

/* A number of /proc/self/status in kB, read by the test itself. */
static uint64_t
status(const char *format)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	uint64_t value = 0;
	unsigned long kilobytes;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, format, &kilobytes) == 1)
			value = (uint64_t)kilobytes * 1024;
	fclose(file);
	return value;
}

static void
tells_what_the_kernel_does(void **state)
{
	struct pmt_memory memory;
	uint64_t before = status("VmRSS: %lu"), after;

	(void)state;
	pmt_footprint_read(&memory);
	after = status("VmRSS: %lu");
	assert_in_range(memory.rss, before - MIB, after + MIB);
	assert_int_equal(memory.rss, memory.anonymous + memory.file +
				     memory.shared);
	assert_in_range(memory.peak_rss, before - MIB,
			status("VmHWM: %lu") + MIB);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_due_by_the_rule),
		cmocka_unit_test(is_never_due_where_rss_is_not_known),
		cmocka_unit_test(tells_what_the_kernel_does),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
