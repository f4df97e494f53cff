/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "workers.h"

enum { TIMES = 2000 };

static void *
do_nothing(void *arg)
{
	return arg;
}

/* Threads that begin and end all the time. */
static void
be_restless(void)
{
	pthread_t threads[COUNT];

	for (;; counters[0]++) {
		for (int i = 0; i < COUNT; i++)
			start_thread(&threads[i], do_nothing, NULL);
		for (int i = 0; i < COUNT; i++)
			pthread_join(threads[i], NULL);
	}
}

/* All of them, and they go on where they were. */
static void
all_stand_still(void **state)
{
	pid_t pid = start(be_busy, COUNT);
	struct pmt_threads threads;
	uint64_t before[COUNT];

	(void)state;
	assert_int_equal(pmt_threads_stop(&threads, pid), 0);
	assert_int_equal(threads.count, COUNT);
	for (int i = 0; i < COUNT; i++)
		before[i] = counters[i];
	assert_int_equal(state_of(pid), 't');
	usleep(10000);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(counters[i], before[i]);
	pmt_threads_go(&threads);
	for (int i = 0; i < COUNT; i++)
		while (counters[i] == before[i])
			usleep(1000);
	end(pid);
}

/* A thread that ends just now is not taken for one that is not ours. */
static void
threads_may_come_and_go(void **state)
{
	pid_t pid = start(be_restless, 1);
	struct pmt_threads threads;

	(void)state;
	for (int i = 0; i < TIMES; i++) {
		int err = pmt_threads_stop(&threads, pid);

		assert_true(err == 0 || err == -EBUSY);
		if (err == 0)
			pmt_threads_go(&threads);
	}
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	end(pid);
}

static void
signals_are_delivered(int number)
{
	counters[number] = 1;
}

static void
take_signals(void)
{
	signal(SIGUSR1, signals_are_delivered);
	counters[0] = 1;
	for (;;)
		pause();
}

/* What comes while it stands still, and just before, is not lost. */
static void
signals_are_kept(void **state)
{
	pid_t pid = start(take_signals, 1);
	struct pmt_threads threads;

	(void)state;
	for (int i = 0; i < TIMES / 10; i++) {
		counters[SIGUSR1] = 0;
		if (i % 2 == 0)
			kill(pid, SIGUSR1);
		assert_int_equal(pmt_threads_stop(&threads, pid), 0);
		if (i % 2 == 1)
			kill(pid, SIGUSR1);
		pmt_threads_go(&threads);
		while (counters[SIGUSR1] == 0)
			usleep(100);
	}
	end(pid);
}

/* Who was stopped by ^Z is, after us. */
static void
job_control_stays(void **state)
{
	pid_t pid = start(be_busy, COUNT);
	struct pmt_threads threads;
	uint64_t before;

	(void)state;
	kill(pid, SIGSTOP);
	wait_for_state(pid, 'T');
	assert_int_equal(pmt_threads_stop(&threads, pid), 0);
	pmt_threads_go(&threads);
	wait_for_state(pid, 'T');
	before = counters[0];
	kill(pid, SIGCONT);
	while (counters[0] == before)
		usleep(1000);
	end(pid);
}

static void
sleep_twice(void)
{
	struct timespec time = { .tv_sec = SECONDS };

	counters[0] = getpid() != 0;
	if (nanosleep(&time, NULL) == -1)
		counters[1] = (uint64_t)errno;
	for (;;)
		pause();
}

/* Without a signal and a handler. */
static void
waits_are_interrupted(void **state)
{
	struct pmt_threads threads;
	pid_t pid;

	(void)state;
#ifndef __x86_64__
	skip();
#endif
	pid = start(sleep_twice, 1);
	while (counters[1] == 0) {
		wait_for_state(pid, 'S');
		assert_int_equal(pmt_threads_stop(&threads, pid), 0);
		pmt_thread_interrupt(pid);
		pmt_threads_go(&threads);
		usleep(1000);
	}
	assert_int_equal(counters[1], EINTR);
	end(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_stand_still),
		cmocka_unit_test(threads_may_come_and_go),
		cmocka_unit_test(signals_are_kept),
		cmocka_unit_test(job_control_stays),
		cmocka_unit_test(waits_are_interrupted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return may_stop() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
