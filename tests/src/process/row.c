/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "process/row.h"

static struct process_row
row_of(struct process_past *past, pid_t pid, double elapsed, double user,
       uint64_t faults)
{
	const struct process_record record = {
		.has = PROCESS_FAULTS, .pid = pid, .elapsed = elapsed,
		.user = user, .system = 1, .minor_faults = faults - 1,
		.major_faults = 1,
	};

	return process_row(past, &record);
}

static void
rates_are_of_the_time_since_the_record_before(void **state)
{
	struct process_past *past = process_past_new();
	struct process_row row = row_of(past, 7, 10, 4, 100);

	(void)state;
	assert_true(row.cpu == 5 && row.mean_cpu == 0.5);
	assert_true(isnan(row.inst_cpu) && isnan(row.faults_per_s));
	/* Another process is in between. */
	row = row_of(past, 8, 2, 0, 1);
	assert_true(isnan(row.inst_cpu) && isnan(row.faults_per_s));
	row = row_of(past, 7, 14, 5, 300);
	assert_true(row.inst_cpu == 0.25 && row.faults_per_s == 50);
	process_past_free(past);
}

static void
records_of_a_moment_share_their_rates(void **state)
{
	struct process_past *past = process_past_new();
	struct process_row row;

	(void)state;
	row_of(past, 7, 10, 4, 100);
	row_of(past, 7, 12, 5, 200);
	row = row_of(past, 7, 12, 5, 200);
	assert_true(row.inst_cpu == 0.5 && row.faults_per_s == 50);
	row = row_of(past, 7, 13, 5, 210);
	assert_true(row.inst_cpu == 0 && row.faults_per_s == 10);
	process_past_free(past);
}

static void
a_number_used_again_is_another_process(void **state)
{
	struct process_past *past = process_past_new();
	struct process_row row;

	(void)state;
	row_of(past, 7, 10, 4, 100);
	row_of(past, 7, 12, 5, 200);
	row = row_of(past, 7, 2, 1, 20);
	assert_true(isnan(row.inst_cpu) && isnan(row.faults_per_s));
	assert_true(row.mean_cpu == 1);
	row = row_of(past, 7, 4, 2, 30);
	assert_true(row.inst_cpu == 0.5 && row.faults_per_s == 5);
	process_past_free(past);
}

static void
faults_that_are_not_told_are_not_known(void **state)
{
	struct process_past *past = process_past_new();
	struct process_record record = { .pid = 7, .elapsed = 0 };
	struct process_row row = process_row(past, &record);

	(void)state;
	assert_true(isnan(row.mean_cpu));
	record.elapsed = 2;
	record.user = 1;
	row = process_row(past, &record);
	assert_true(row.inst_cpu == 0.5 && isnan(row.faults_per_s));
	process_past_free(past);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_of_the_time_since_the_record_before),
		cmocka_unit_test(records_of_a_moment_share_their_rates),
		cmocka_unit_test(a_number_used_again_is_another_process),
		cmocka_unit_test(faults_that_are_not_told_are_not_known),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
