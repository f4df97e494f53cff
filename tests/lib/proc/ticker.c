/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "proc/ticker.h"
#include "sample/clock.h"

#define MS 1000000

static volatile sig_atomic_t caught;

static void
note(int signal)
{
	caught = signal;
}

/* Ticks missed while we work are counted, so the sum is the time gone by. */
static void
does_not_drift(void **state)
{
	struct pmt_ticker ticker;
	uint64_t begin, end;
	int64_t ticks = 0, n;

	(void)state;
	begin = pmt_now(CLOCK_MONOTONIC);
	assert_int_equal(pmt_ticker_open(2 * MS, &ticker), 0);
	while (ticks < 50) {
		n = pmt_ticker_wait(&ticker, NULL, 0);
		assert_true(n >= (ticks == 0 ? 1 : 2));
		ticks += n;
		/* Until one more is due, and the one after that. */
		do
			end = pmt_now(CLOCK_MONOTONIC);
		while (end - begin < ((uint64_t)ticks + 3) * 2 * MS);
	}
	end = pmt_now(CLOCK_MONOTONIC);
	assert_true(end - begin >= (uint64_t)ticks * 2 * MS);
	pmt_ticker_close(&ticker);
}

static void
is_woken_by_a_signal_and_only_there(void **state)
{
	struct sigaction action = { .sa_handler = note };
	struct pmt_ticker ticker;

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(pmt_ticker_open((uint64_t)60000 * MS, &ticker), 0);
	raise(SIGUSR1);
	assert_int_equal(caught, 0);
	assert_int_equal(pmt_ticker_wait(&ticker, NULL, 0), 0);
	assert_int_equal(caught, SIGUSR1);
	pmt_ticker_close(&ticker);
	caught = 0;
	raise(SIGUSR1);
	assert_int_equal(caught, SIGUSR1);
}

static void
is_woken_by_a_descriptor(void **state)
{
	struct pmt_ticker ticker;
	struct pollfd more;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pmt_ticker_open((uint64_t)60000 * MS, &ticker), 0);
	more = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(pmt_ticker_wait(&ticker, &more, 1), 0);
	assert_int_equal(more.revents, POLLIN);
	pmt_ticker_close(&ticker);
	close(ends[0]);
	close(ends[1]);
}

/* And leaves the signals to the caller then. */
static void
says_why_there_is_no_timer(void **state)
{
	struct rlimit limit, none;
	struct pmt_ticker ticker;
	sigset_t before, after;
	int err;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	sigprocmask(SIG_BLOCK, NULL, &before);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	err = pmt_ticker_open(MS, &ticker);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(err, -EMFILE);
	sigprocmask(SIG_BLOCK, NULL, &after);
	for (int signal = 1; signal < NSIG; signal++)
		assert_int_equal(sigismember(&after, signal),
				 sigismember(&before, signal));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_not_drift),
		cmocka_unit_test(says_why_there_is_no_timer),
		cmocka_unit_test(is_woken_by_a_signal_and_only_there),
		cmocka_unit_test(is_woken_by_a_descriptor),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
