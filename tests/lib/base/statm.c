/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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

/* Seven numbers make a statm; what has less or more, or words, is none. */
static void
only_seven_numbers_are_read(void **state)
{
	const char *const texts[] = {
		"5\n", "5 6\n", "1 2 3 4 5 6\n", "1 2 3 4 5 6 7 8\n",
		"1 2 3 4 5 6 7", "1 2 3 4 5 6 x\n", "1 2/3 4 5 6 7 8\n",
		"1 2:3 4 5 6 7 8\n", "", "1 20 3 4 5 6 7\n",
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(texts); i++) {
		char path[] = "/tmp/pmt-statm-XXXXXX";
		int fd = mkstemp(path), number = fd;
		bool good = i == PMT_ARRAY_SIZE(texts) - 1;
		uint64_t pages = 0;

		assert_true(fd >= 0);
		unlink(path);
		assert_true(write(fd, texts[i], strlen(texts[i])) >= 0);
		assert_int_equal(pmt_statm_read(&fd, &pages), 0);
		assert_int_equal(fd == number, good);
		assert_int_equal(pages == 20, good);
		close(number);
		if (!good)
			pmt_statm_close(fd);
	}
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
		cmocka_unit_test(only_seven_numbers_are_read),
		cmocka_unit_test(a_closed_one_is_opened_anew),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
