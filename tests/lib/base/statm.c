/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/statm.h"

static void
sees_touched_pages(void **state)
{
	const size_t size = 64 << 20;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before, after;
	int fd = pmt_statm_open();
	void *block;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(pmt_statm_read(&fd, &before), 0);
	block = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	assert_ptr_not_equal(block, MAP_FAILED);
	assert_int_equal(pmt_statm_read(&fd, &after), 0);
	assert_in_range((after - before) * page, size - (1 << 20),
			size + (1 << 20));
	munmap(block, size);
	pmt_statm_close(fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

/* What a daemon does, and then opens a file of its own. */
static void
take_number(int fd, const char *path)
{
	int file = open(path, O_RDONLY);

	assert_true(file >= 0);
	assert_int_equal(dup2(file, fd), fd);
	close(file);
}

static void
a_foreign_file_is_not_read(void **state)
{
	int fd = pmt_statm_open(), number = fd;
	uint64_t pages = 0;

	(void)state;
	take_number(fd, "/proc/self/stat");
	assert_int_equal(pmt_statm_read(&fd, &pages), 0);
	assert_int_not_equal(fd, number);
	assert_true(pages > 0);
	assert_true(fcntl(number, F_GETFD) >= 0);
	close(number);
	pmt_statm_close(fd);
}

static void
a_foreign_file_is_not_closed(void **state)
{
	int fd = pmt_statm_open();

	(void)state;
	take_number(fd, "/dev/null");
	pmt_statm_close(fd);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	close(fd);
	pmt_statm_close(-1);
}

static void
a_closed_one_is_opened_anew(void **state)
{
	int fd = -1;
	uint64_t pages = 0;

	(void)state;
	assert_int_equal(pmt_statm_read(&fd, &pages), 0);
	assert_true(fd >= 0 && pages > 0);
	close(fd);
	assert_int_equal(pmt_statm_read(&fd, &pages), 0);
	pmt_statm_close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_touched_pages),
		cmocka_unit_test(a_foreign_file_is_not_read),
		cmocka_unit_test(a_foreign_file_is_not_closed),
		cmocka_unit_test(a_closed_one_is_opened_anew),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
