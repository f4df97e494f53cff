/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <linux/sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "interpreters.h"

static void
who_has_ended_is_none(void **state)
{
	struct pmt_attach attach;
	siginfo_t info;
	pid_t pid = fork();
	int err;

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
			 0);
	/* Of a zombie kernels since 6.13 say so. */
	err = pmt_attach_open(&attach, pid);
	assert_true(err == -ESRCH || err == -ENOEXEC);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pmt_attach_open(&attach, pid), -ESRCH);
	assert_int_equal(pmt_attach_open(&attach, -1), -ESRCH);
	assert_int_equal(pmt_attach_open(&attach, 0), -ESRCH);
}

/* All that can be asked of ATTACH fails, and nothing hangs. */
static void
check_gone(struct pmt_attach *attach)
{
	assert_true(pmt_attach_post(attach, line, script) < 0);
	assert_true(pmt_attach_is_taken(attach) < 0);
	pmt_attach_wake(attach);
	pmt_attach_settle(attach);
	assert_true(pmt_attach_withdraw(attach) < 0);
	pmt_attach_clear(attach);
}

static void
may_die_at_any_moment(void **state)
{
	struct pmt_attach attach;

	(void)state;
	for (char **python = pythons; *python != NULL; python++)
		for (int posted = 0; posted < 2; posted++) {
			struct child child = start(*python, "-c", busy);
			siginfo_t info;

			hear(&child, "ready\n");
			assert_int_equal(pmt_attach_open(&attach, child.pid),
					 0);
			if (posted)
				post(&attach);
			kill(child.pid, SIGKILL);
			assert_int_equal(waitid(P_PID, (id_t)child.pid, &info,
						WEXITED | WNOWAIT), 0);
			check_gone(&attach);
			end_by_force(&child);
			check_gone(&attach);
			pmt_attach_close(&attach);
		}
}

/* What it was is gone, and what it is now is not meant. */
static void
may_become_another_program(void **state)
{
	static const char becoming[] = "import os\n"
		"os.write(1, b'ready\\n')\n"
		"os.read(0, 1)\n"
		"os.execlp('cat', 'cat')";
	struct pmt_attach attach;

	(void)state;
	for (char **python = pythons; *python != NULL; python++) {
		struct child child = start(*python, "-c", becoming);

		hear(&child, "ready\n");
		assert_int_equal(pmt_attach_open(&attach, child.pid), 0);
		if (write(child.in, "xcat\n", 5) != 5)
			fail();
		hear(&child, "cat\n");
		check_gone(&attach);
		pmt_attach_close(&attach);
		hear_end(&child, "");
	}
}

/* A child with the number PID, that waits in nanosleep(2); or -errno. */
static pid_t
start_as(pid_t pid, int out)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};
	const struct timespec time = { .tv_nsec = 300000000 };
	long got = syscall(SYS_clone3, &args, sizeof(args));

	if (got == 0) {
		alarm(SECONDS);
		for (;;) {
			int interrupted = nanosleep(&time, NULL) == -1;

			if (write(out, interrupted ? "-" : "+", 1) != 1)
				_exit(0);
		}
	}
	return got == -1 ? -errno : (pid_t)got;
}

/* Another process gets its number: it is not touched, nor interrupted. */
static void
numbers_come_again(void **state)
{
	struct child child = start(pythons[0], "-c", busy);
	struct pmt_attach attach;
	int out[2];
	pid_t pid;
	char one;

	(void)state;
	hear(&child, "ready\n");
	assert_int_equal(pmt_attach_open(&attach, child.pid), 0);
	post(&attach);
	end_by_force(&child);
	assert_int_equal(pipe(out), 0);
	pid = start_as(child.pid, out[1]);
	if (pid < 0) {
		pmt_attach_close(&attach);
		skip();
	}
	assert_int_equal(pid, child.pid);
	close(out[1]);
	/* It will wait some of the time. */
	for (int i = 0; i < 50; i++) {
		check_gone(&attach);
		usleep(1000);
	}
	pmt_attach_close(&attach);
	assert_int_equal(read(out[0], &one, 1), 1);
	assert_int_equal(one, '+');
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(out[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_ended_is_none),
		cmocka_unit_test(may_die_at_any_moment),
		cmocka_unit_test(may_become_another_program),
		cmocka_unit_test(numbers_come_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (!find_interpreters())
		return 0;
	return cmocka_run_group_tests(tests, NULL, forget_interpreters);
}
