/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "interpreters.h"

/* The file that PYTHON runs at last. */
static void
find_real(const char *python, char *real, size_t room)
{
	struct child child = start(python, "-c", "import os, sys\n"
				   "os.write(1, os.fsencode(os.path.realpath("
				   "sys.executable)))");
	size_t length = 0;
	ssize_t more;

	while ((more = read(child.out, real + length, room - length - 1)) > 0)
		length += (size_t)more;
	real[length] = '\0';
	hear_end(&child, "");
}

static void
copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	assert_true(in != -1 && out != -1);
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
}

/*
 * One that looks where its library is, which pyvenv.cfg tells: a pipe that
 * nobody has filled yet.  Returns that, or -1: it did not get there.
 */
static int
start_slowly(const char *real, const char *directory, struct child *child)
{
	char own[64], file[64];
	int pipe;

	sprintf(own, "%s/python3", directory);
	sprintf(file, "%s/pyvenv.cfg", directory);
	/* Up to 3.10 a link would not do. */
	copy(real, own);
	assert_int_equal(mkfifo(file, 0600), 0);
	*child = start(own, "-c", busy);
	/* Until it is open at the other end. */
	while ((pipe = open(file, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) == -1 &&
	       waitpid(child->pid, NULL, WNOHANG) == 0)
		usleep(1000);
	unlink(file);
	unlink(own);
	return pipe;
}

static void
try_before_it_starts(const struct child *child, const char *real, int pipe)
{
	struct pmt_attach attach;

	assert_int_equal(pmt_attach_open(&attach, child->pid), 0);
	for (int i = 0; i < 10; i++) {
		int err = pmt_attach_post(&attach, line, script);

		/* Libraries that leave room may be still to come. */
		assert_true(err == -EAGAIN || err == -ENOSPC);
	}
	dprintf(pipe, "home = %.*s\n", (int)(strrchr(real, '/') - real), real);
	close(pipe);
	hear(child, "ready\n");
	post(&attach);
	hear(child, "ours\n");
	pmt_attach_close(&attach);
	hear_end(child, "over\n");
}

/* A 3.8 would die of it. */
static void
one_that_starts_is_left_alone(void **state)
{
	int tried = 0;

	(void)state;
	for (char **python = pythons; *python != NULL; python++) {
		char directory[] = "/tmp/pmt-start-XXXXXX", real[4096];
		struct child child;
		int pipe;

		find_real(*python, real, sizeof(real));
		assert_non_null(mkdtemp(directory));
		pipe = start_slowly(real, directory, &child);
		rmdir(directory);
		if (pipe == -1)
			continue;
		try_before_it_starts(&child, real, pipe);
		tried++;
	}
	if (tried == 0)
		skip();
}

/* Its functions of atexit have run, its modules are cleared. */
static void
one_that_ends_is_left_alone(void **state)
{
	static const char ending[] = "import os\n"
		"class Last:\n"
		"  def __del__(self, read=os.read, write=os.write):\n"
		"    write(1, b'ready\\n')\n"
		"    read(0, 1)\n"
		"    for _ in range(1000): pass\n"
		"    write(1, b'over\\n')\n"
		"last = Last()\n";
	struct pmt_attach attach;

	(void)state;
	for (char **python = pythons; *python != NULL; python++) {
		struct child child = start(*python, "-c", ending);

		hear(&child, "ready\n");
		assert_int_equal(pmt_attach_open(&attach, child.pid), 0);
		for (int i = 0; i < 10; i++)
			assert_int_equal(pmt_attach_post(&attach, line, script),
					 -EAGAIN);
		pmt_attach_close(&attach);
		hear_end(&child, "over\n");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_starts_is_left_alone),
		cmocka_unit_test(one_that_ends_is_left_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (!find_interpreters())
		return 0;
	return cmocka_run_group_tests(tests, NULL, forget_interpreters);
}
