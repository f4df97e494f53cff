/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sample/clock.h"

/* Spin until the process has used NS of CPU time since START. */
static void
use_cpu(uint64_t start, uint64_t ns)
{
	while (pmt_now(CLOCK_PROCESS_CPUTIME_ID) - start < ns)
		;
}

static void
follows_the_cpu_clock(void **state)
{
	struct pmt_clock clock;
	uint64_t low, high, told;

	(void)state;
	pmt_clock_init(&clock);
	for (int i = 0; i < 1000; i++) {
		low = pmt_now(CLOCK_PROCESS_CPUTIME_ID);
		told = pmt_clock_cpu(&clock, pmt_ticks());
		high = pmt_now(CLOCK_PROCESS_CPUTIME_ID);
		/* Within what can pass between two anchors. */
		assert_true(told + PMT_CLOCK_PERIOD_NS >= low);
		assert_true(told <= high + PMT_CLOCK_PERIOD_NS);
		use_cpu(low, (uint64_t)(i % 7) * 5000);
	}
}

static void
stands_still_in_sleep(void **state)
{
	const struct timespec nap = { .tv_nsec = 30000000 };
	struct pmt_clock clock;
	uint64_t before, after, cpu;

	(void)state;
	pmt_clock_init(&clock);
	cpu = pmt_now(CLOCK_PROCESS_CPUTIME_ID);
	before = pmt_clock_cpu(&clock, pmt_ticks());
	nanosleep(&nap, NULL);
	after = pmt_clock_cpu(&clock, pmt_ticks());
	cpu = pmt_now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	assert_true(after - before <= cpu + PMT_CLOCK_PERIOD_NS);
	assert_true(after - before < 30000000);
}

static void
never_goes_back(void **state)
{
	struct pmt_clock clock;
	uint64_t now, last = 0;

	(void)state;
	pmt_clock_init(&clock);
	for (int i = 0; i < 200000; i++) {
		now = pmt_clock_cpu(&clock, pmt_ticks());
		assert_true(now >= last);
		last = now;
	}
	/* A time stamp from the past, as another CPU might give. */
	assert_true(pmt_clock_cpu(&clock, pmt_ticks() - 1000) >= last);
}

static void
reads_the_real_clock_seldom(void **state)
{
	struct pmt_clock clock;
	uint64_t start, limit;

	(void)state;
	pmt_clock_init(&clock);
	start = pmt_now(CLOCK_MONOTONIC);
	for (int i = 0; i < 200000; i++)
		pmt_clock_cpu(&clock, pmt_ticks());
	limit = (pmt_now(CLOCK_MONOTONIC) - start) /
		PMT_CLOCK_GAP_NS + 2;
	assert_in_range(clock.anchors, 2, limit);
}

enum { THREADS = 400 };

static void *
wait_for_the_end(void *end)
{
	pthread_mutex_lock(end);
	pthread_mutex_unlock(end);
	return NULL;
}

/* What the kernel takes for CPU time now, at best: ns. */
static uint64_t
cost_of_reading(void)
{
	uint64_t start, ns, best = UINT64_MAX;

	for (int i = 0; i < 200; i++) {
		start = pmt_now(CLOCK_MONOTONIC);
		pmt_now(CLOCK_PROCESS_CPUTIME_ID);
		ns = pmt_now(CLOCK_MONOTONIC) - start;
		best = ns < best ? ns : best;
	}
	return best;
}

static void
reads_seldom_with_many_threads(void **state)
{
	pthread_mutex_t end = PTHREAD_MUTEX_INITIALIZER;
	struct pmt_clock clock;
	pthread_t thread[THREADS];
	uint64_t start, limit, cost, anchors;

	(void)state;
	pthread_mutex_lock(&end);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
						wait_for_the_end, &end), 0);
	cost = cost_of_reading();
	pmt_clock_init(&clock);
	while (clock.anchors < 50)
		pmt_clock_cpu(&clock, pmt_ticks());
	anchors = clock.anchors;
	start = pmt_now(CLOCK_MONOTONIC);
	for (int i = 0; i < 200000; i++)
		pmt_clock_cpu(&clock, pmt_ticks());
	/* Half: the pair of clocks above takes its part of COST. */
	limit = (pmt_now(CLOCK_MONOTONIC) - start) /
		(PMT_CLOCK_SHARE * cost / 2) + 2;
	pthread_mutex_unlock(&end);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_in_range(clock.anchors - anchors, 0, limit);
}

static void
knows_the_time_of_day(void **state)
{
	struct pmt_clock clock;
	uint64_t low, high, told, ticks;

	(void)state;
	pmt_clock_init(&clock);
	for (int i = 0; i < 1000; i++) {
		low = pmt_now(CLOCK_REALTIME);
		ticks = pmt_ticks();
		pmt_clock_cpu(&clock, ticks);
		told = pmt_clock_wall(&clock, ticks);
		high = pmt_now(CLOCK_REALTIME);
		assert_in_range(told, low - 1000000, high + 1000000);
	}
}

static void
ticks_match_the_monotonic_clock(void **state)
{
	uint64_t ns, ticks, expected;

	(void)state;
	expected = pmt_ticks_from_ns(20000000);
	ticks = pmt_ticks();
	ns = pmt_now(CLOCK_MONOTONIC);
	while (pmt_now(CLOCK_MONOTONIC) - ns < 20000000)
		;
	ticks = pmt_ticks() - ticks;
	/* Never early; how late depends on the machine's other work. */
	assert_true(ticks > expected - expected / 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_cpu_clock),
		cmocka_unit_test(stands_still_in_sleep),
		cmocka_unit_test(never_goes_back),
		cmocka_unit_test(reads_the_real_clock_seldom),
		cmocka_unit_test(reads_seldom_with_many_threads),
		cmocka_unit_test(knows_the_time_of_day),
		cmocka_unit_test(ticks_match_the_monotonic_clock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
