/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/memory.h"
#include "attach/place.h"

/* What the kernel says is TEXT, of SIZE bytes. */
static void
open_text(struct pmt_mappings *maps, char *text, size_t size)
{
	*maps = (struct pmt_mappings){ .file = fmemopen(text, size, "r") };
	assert_non_null(maps->file);
}

static void
begins_of_files_alone(void **state)
{
	char text[] =
	"558000000000-558000001000 r--p 00000000 08:01 7    /usr/bin/a b\n"
	"558000001000-558000002000 r-xp 00001000 08:01 7    /usr/bin/a b\n"
	"558000003000-558000004000 rw-p 00000000 00:00 0    [heap]\n"
	"7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
	"7f0000001000-7f0000002000 ---p 00000000 08:01 8    /lib/none.so\n"
	"7f0000002000-7f0000003000 r--p 00000000 08:01 9    /x (deleted)\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n";
	struct pmt_mapping mapping;
	struct pmt_mappings maps;

	(void)state;
	open_text(&maps, text, sizeof(text) - 1);
	assert_true(pmt_mappings_next(&maps, &mapping));
	assert_int_equal(mapping.start, 0x558000000000);
	assert_string_equal(mapping.path, "/usr/bin/a b");
	assert_true(pmt_mappings_next(&maps, &mapping));
	assert_int_equal(mapping.start, 0x7f0000002000);
	assert_string_equal(mapping.path, "/x (deleted)");
	assert_false(pmt_mappings_next(&maps, &mapping));
	pmt_mappings_close(&maps);
}

/* A line that is cut has its file, or a part of that, or is no line. */
static void
lines_may_be_torn(void **state)
{
	char line[] = "7f0000002000-7f0000003000 r--p 00000000 08:01 9  /lib/x";
	struct pmt_mapping mapping;
	struct pmt_mappings maps;
	size_t whole = 0;

	(void)state;
	for (size_t size = 1; size < sizeof(line); size++) {
		open_text(&maps, line, size);
		if (pmt_mappings_next(&maps, &mapping)) {
			assert_int_equal(mapping.start, 0x7f0000002000);
			assert_memory_equal(mapping.path, "/lib/x",
					    strlen(mapping.path));
			whole++;
		}
		pmt_mappings_close(&maps);
	}
	assert_int_equal(whole, strlen("/lib/x"));
}

static void
any_line_will_do(void **state)
{
	char odd[] = "\n-\nr\n0-0 r\n0-0 rwxp\n0-0 rwxp 0\n0-0 rwxp 0 0 0 \n"
		     "fffffffffffffffffff-0 rwxp 0 0 0 \n-1--1 r--- 0 a b c/d\n"
		     "\0\0\n% s%n-%n r%s %n /\n";
	struct pmt_mapping mapping;
	struct pmt_mappings maps;

	(void)state;
	open_text(&maps, odd, sizeof(odd) - 1);
	assert_false(pmt_mappings_next(&maps, &mapping));
	pmt_mappings_close(&maps);
}

static void
long_names_are_cut(void **state)
{
	static char line[3 * PATH_MAX];
	struct pmt_mapping mapping;
	struct pmt_mappings maps;
	int length = sprintf(line, "7f0000002000-7f0000003000 r--p 00000000 "
			     "08:01 9  /");

	(void)state;
	memset(line + length, 'x', sizeof(line) - (size_t)length - 1);
	open_text(&maps, line, sizeof(line) - 1);
	assert_true(pmt_mappings_next(&maps, &mapping));
	assert_int_equal(strlen(mapping.path), PATH_MAX - 1);
	pmt_mappings_close(&maps);
}

/* In ourselves: nobody else writes there, nor does that change a variable. */
static void
room_is_what_is_left(void **state)
{
	static const char text[] = "a line of Python";
	int memory = pmt_memory_open(getpid());
	char there[sizeof(text)];
	uint64_t place;

	(void)state;
	assert_int_equal(pmt_place_find(getpid(), memory, sizeof(text),
					&place), 0);
	assert_int_equal(pmt_memory_read(memory, place, there, sizeof(there)),
			 0);
	for (size_t i = 0; i < sizeof(there); i++)
		assert_int_equal(there[i], 0);
	assert_int_equal(pmt_memory_write(memory, place, text, sizeof(text)),
			 0);
	assert_string_equal((const char *)(uintptr_t)place, text);
	memset((void *)(uintptr_t)place, 0, sizeof(text));
	close(memory);
}

static void
too_much_has_no_room(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int memory = pmt_memory_open(getpid());
	uint64_t place;

	(void)state;
	assert_int_equal(pmt_place_find(getpid(), memory, page, &place),
			 -ENOSPC);
	assert_int_equal(pmt_place_find(getpid(), memory, SIZE_MAX, &place),
			 -ENOSPC);
	close(memory);
}

/* A zombie has no mappings, and who was waited for is no process. */
static void
who_has_ended_has_none(void **state)
{
	pid_t pid = fork();
	siginfo_t info;
	uint64_t place;
	int memory;

	(void)state;
	while (pid == 0)
		pause();
	memory = pmt_memory_open(pid);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT),
			 0);
	assert_true(pmt_place_find(pid, memory, 16, &place) < 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pmt_place_find(pid, memory, 16, &place), -ESRCH);
	close(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_of_files_alone),
		cmocka_unit_test(lines_may_be_torn),
		cmocka_unit_test(any_line_will_do),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(room_is_what_is_left),
		cmocka_unit_test(too_much_has_no_room),
		cmocka_unit_test(who_has_ended_has_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
