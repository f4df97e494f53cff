/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proc/rss.h"

static void
sees_touched_pages(void **state)
{
	const size_t size = 64 << 20;
	uint64_t before, after;
	struct pmt_rss *rss;
	volatile char *block;

	(void)state;
	assert_int_equal(pmt_rss_open(0, &rss), 0);
	block = malloc(size);
	assert_non_null((void *)(uintptr_t)block);
	assert_int_equal(pmt_rss_read(rss, &before), 0);
	for (size_t i = 0; i < size; i += 4096)
		block[i] = 1;
	assert_int_equal(pmt_rss_read(rss, &after), 0);
	assert_in_range(after - before, size - (1 << 20), size + (1 << 20));
	free((void *)(uintptr_t)block);
	pmt_rss_close(rss);
}

static void
names_a_missing_process(void **state)
{
	struct pmt_rss *rss = (void *)state;

	/* kernel.pid_max is at most 4194304 (proc(5)). */
	assert_int_equal(pmt_rss_open(4194305, &rss), -ESRCH);
	assert_ptr_equal(rss, (void *)state);
	pmt_rss_close(NULL);
}

static void
notices_the_end_of_a_process(void **state)
{
	struct pmt_rss *rss;
	uint64_t bytes;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(pmt_rss_open(pid, &rss), 0);
	assert_int_equal(pmt_rss_read(rss, &bytes), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(pmt_rss_read(rss, &bytes), -ESRCH);
	pmt_rss_close(rss);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_touched_pages),
		cmocka_unit_test(names_a_missing_process),
		cmocka_unit_test(notices_the_end_of_a_process),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
