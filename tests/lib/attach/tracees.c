/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "workers.h"

/* Nobody is hindered from burying it: neither we, nor its parent. */
static void
may_be_killed_meanwhile(void **state)
{
	int told[2], status, number = 0;
	struct pmt_threads threads;
	pid_t parent, pid;

	(void)state;
	assert_int_equal(pipe(told), 0);
	parent = fork();
	if (parent == 0) {
		alarm(SECONDS);
		pid = start(be_busy, COUNT);
		if (write(told[1], &pid, sizeof(pid)) != sizeof(pid))
			_exit(1);
		_exit(waitpid(pid, &status, 0) != pid ||
		      !WIFSIGNALED(status));
	}
	assert_int_equal(read(told[0], &pid, sizeof(pid)), sizeof(pid));
	assert_int_equal(pmt_threads_stop(&threads, pid), 0);
	kill(pid, SIGKILL);
	pmt_threads_go(&threads);
	assert_int_equal(waitpid(parent, &number, 0), parent);
	assert_int_equal(number, 0);
	assert_int_equal(pmt_threads_stop(&threads, pid), -ESRCH);
	close(told[0]);
	close(told[1]);
}

static void
zombies_have_ended(void **state)
{
	pid_t pid = start(be_busy, COUNT);
	struct pmt_threads threads;
	siginfo_t info;

	(void)state;
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
			 0);
	assert_int_equal(pmt_threads_stop(&threads, pid), -ESRCH);
	assert_int_equal(threads.count, 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pmt_threads_stop(&threads, pid), -ESRCH);
}

/* One that a debugger has, as whom another child of ours plays. */
static void
one_tracer_at_a_time(void **state)
{
	pid_t pid = start(be_busy, COUNT), second;
	struct pmt_threads threads;
	int status;

	(void)state;
	assert_int_equal(pmt_threads_stop(&threads, pid), 0);
	second = fork();
	if (second == 0) {
		struct pmt_threads others;

		alarm(SECONDS);
		_exit(-pmt_threads_stop(&others, pid));
	}
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EPERM);
	assert_int_equal(state_of(pid), 't');
	pmt_threads_go(&threads);
	end(pid);
}

static void
somebody_else_is_not_ours(void **state)
{
	struct pmt_threads threads;
	pid_t pid, second;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = start(be_busy, COUNT);
	second = fork();
	if (second == 0) {
		alarm(SECONDS);
		_exit(setuid(65534) == 0 ? -pmt_threads_stop(&threads, pid)
					 : 0);
	}
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EPERM);
	end(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(may_be_killed_meanwhile),
		cmocka_unit_test(zombies_have_ended),
		cmocka_unit_test(one_tracer_at_a_time),
		cmocka_unit_test(somebody_else_is_not_ours),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return may_stop() ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
