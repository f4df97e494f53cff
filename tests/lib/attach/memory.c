/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/memory.h"

static uint64_t
address_of(const void *object)
{
	return (uintptr_t)object;
}

static void
reads_and_writes(void **state)
{
	char from[] = "what stands there", to[sizeof(from)] = "";
	int memory = pmt_memory_open(getpid());

	(void)state;
	assert_true(memory >= 0);
	assert_int_equal(pmt_memory_read(memory, address_of(from), to,
					 sizeof(to)), 0);
	assert_string_equal(to, from);
	assert_int_equal(pmt_memory_write(memory, address_of(from), "is", 2),
			 0);
	assert_string_equal(from, "isat stands there");
	close(memory);
}

static void
reads_all_or_nothing(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int memory = pmt_memory_open(getpid());
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), text[8];
	uint64_t end = address_of(two) + page;

	(void)state;
	assert_true(two != MAP_FAILED);
	assert_int_equal(munmap(two + page, page), 0);
	assert_int_equal(pmt_memory_read(memory, end - 8, text, 8), 0);
	assert_int_equal(pmt_memory_read(memory, end - 4, text, 8), -EFAULT);
	assert_int_equal(pmt_memory_read(memory, end, text, 8), -EFAULT);
	assert_int_equal(pmt_memory_write(memory, end - 4, text, 8), -EFAULT);
	munmap(two, page);
	close(memory);
}

static void
no_address_is_too_odd(void **state)
{
	static const uint64_t odd[] = {
		0, 1, INT64_MAX - 1, INT64_MAX, UINT64_C(1) << 63,
		UINT64_MAX - 4, UINT64_MAX,
	};
	int memory = pmt_memory_open(getpid());
	char text[8];

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(odd); i++) {
		assert_true(pmt_memory_read(memory, odd[i], text, 8) < 0);
		assert_true(pmt_memory_write(memory, odd[i], text, 8) < 0);
	}
	close(memory);
}

/* A child that waits to be killed. */
static pid_t
start(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	while (pid == 0)
		pause();
	return pid;
}

static void
end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Whatever has its number later is not that process. */
static void
of_one_that_ends(void **state)
{
	pid_t pid = start();
	int memory = pmt_memory_open(pid);
	uint64_t value;
	siginfo_t info;

	(void)state;
	assert_true(memory >= 0);
	assert_int_equal(pmt_memory_read(memory, address_of(&pid), &value, 4),
			 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
			 0);
	assert_true(pmt_memory_read(memory, address_of(&pid), &value, 4) < 0);
	end(pid);
	assert_true(pmt_memory_read(memory, address_of(&pid), &value, 4) < 0);
	assert_true(pmt_memory_write(memory, address_of(&pid), &value, 4) < 0);
	close(memory);
	assert_int_equal(pmt_memory_open(pid), -ESRCH);
}

static void
of_somebody_else(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(setuid(65534) == 0 ? -pmt_memory_open(getppid()) : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EACCES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(reads_all_or_nothing),
		cmocka_unit_test(no_address_is_too_odd),
		cmocka_unit_test(of_one_that_ends),
		cmocka_unit_test(of_somebody_else),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
