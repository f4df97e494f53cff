/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/interval.h"

static atomic_uint calls;
static atomic_bool blocked;

static void
call(void)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGUSR1);
	calls++;
}

static void
wait_for_calls(unsigned int more)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };
	unsigned int wanted = calls + more;

	while (calls < wanted)
		nanosleep(&millisecond, NULL);
}

static int
count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int count = -2;		/* "." and ".." */

	if (tasks == NULL)
		return -1;
	while (readdir(tasks) != NULL)
		count++;
	closedir(tasks);
	return count;
}

static void
calls_until_stopped(void **state)
{
	int before = count_threads();

	(void)state;
	assert_int_equal(pmt_interval_start(1000000, call), 0);
	assert_int_equal(count_threads(), before + 1);
	wait_for_calls(3);
	assert_true(blocked);
	pmt_interval_stop();
	assert_int_equal(count_threads(), before);
	pmt_interval_resume();
	assert_int_equal(count_threads(), before);
	pmt_interval_stop();
}

static void
can_be_started_again(void **state)
{
	int before = count_threads();

	(void)state;
	assert_int_equal(pmt_interval_start(UINT64_C(3600000000000), call), 0);
	assert_int_equal(pmt_interval_start(1000000, call), 0);
	assert_int_equal(count_threads(), before + 1);
	wait_for_calls(2);
	pmt_interval_stop();
}

/* Exit status 0: all is as it should be. */
static int
go_on_in_child(int threads)
{
	if (count_threads() != threads)
		return 1;
	pmt_interval_resume();
	wait_for_calls(2);
	return count_threads() == threads + 1 ? 0 : 2;
}

static void
is_not_there_when_forking(void **state)
{
	int before = count_threads(), status;
	pid_t child;

	(void)state;
	assert_int_equal(pmt_interval_start(1000000, call), 0);
	child = fork();
	if (child == 0)
		_exit(go_on_in_child(before));
	assert_int_equal(count_threads(), before);
	pmt_interval_resume();
	assert_int_equal(count_threads(), before + 1);
	wait_for_calls(2);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	pmt_interval_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_until_stopped),
		cmocka_unit_test(can_be_started_again),
		cmocka_unit_test(is_not_there_when_forking),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
