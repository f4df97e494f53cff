/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/memory.h"
#include "interpreters.h"

static void
wait_until_taken(struct pmt_attach *attach)
{
	int taken;

	while ((taken = pmt_attach_is_taken(attach)) == 0)
		usleep(1000);
	assert_int_equal(taken, 1);
}

static void
runs_a_line_of_ours(void **state)
{
	char there[sizeof(line)] = "?";
	struct pmt_attach attach;

	(void)state;
	for (char **python = pythons; *python != NULL; python++) {
		struct child child = start(*python, "-c", busy);

		hear(&child, "ready\n");
		assert_int_equal(pmt_attach_open(&attach, child.pid), 0);
		for (int i = 0; i < 3; i++) {
			uint64_t text;

			post(&attach);
			text = attach.text;
			wait_until_taken(&attach);
			hear(&child, "ours\n");
			pmt_attach_settle(&attach);
			pmt_attach_clear(&attach);
			if (text == 0)
				continue;
			assert_int_equal(pmt_memory_read(attach.memory, text,
							 there, sizeof(there)),
					 0);
			assert_string_equal(there, "");
		}
		pmt_attach_close(&attach);
		hear_end(&child, "over\n");
	}
}

/* It waits in the kernel, and the line never comes to be run. */
static void
is_taken_back(void **state)
{
	static const char waiting[] = "import os\nos.write(1, b'ready\\n')\n"
		"os.read(0, 1)\nos.write(1, b'over\\n')";
	struct pmt_attach attach;

	(void)state;
	for (char **python = pythons; *python != NULL; python++) {
		struct child child = start(*python, "-c", waiting);
		int taken;

		hear(&child, "ready\n");
		assert_int_equal(pmt_attach_open(&attach, child.pid), 0);
		/* It may not wait yet. */
		do {
			post(&attach);
			taken = pmt_attach_withdraw(&attach);
			if (taken == 1)
				hear(&child, "ours\n");
			pmt_attach_clear(&attach);
		} while (taken == 1);
		assert_int_equal(taken, 0);
		pmt_attach_close(&attach);
		hear_end(&child, "over\n");
	}
}

/* Its main thread, which waits for another one. */
static void
is_woken(void **state)
{
	static const char joining[] = "import os, threading\n"
		"t = threading.Thread(target=os.read, args=(0, 1))\n"
		"t.start()\n"
		"os.write(1, b'ready\\n')\n"
		"t.join()\n"
		"os.write(1, b'over\\n')";
	struct pmt_attach attach;

	(void)state;
#ifndef __x86_64__
	skip();
#endif
	for (char **python = pythons; *python != NULL; python++) {
		struct child child = start(*python, "-c", joining);
		int taken;

		hear(&child, "ready\n");
		assert_int_equal(pmt_attach_open(&attach, child.pid), 0);
		post(&attach);
		while ((taken = pmt_attach_is_taken(&attach)) == 0) {
			pmt_attach_wake(&attach);
			usleep(1000);
		}
		assert_int_equal(taken, 1);
		hear(&child, "ours\n");
		pmt_attach_close(&attach);
		hear_end(&child, "over\n");
	}
}

static void
others_are_no_python(void **state)
{
	struct child child = start("cat", NULL, NULL);
	struct pmt_attach attach;

	(void)state;
	if (write(child.in, "x\n", 2) != 2)
		fail();
	hear(&child, "x\n");
	assert_int_equal(pmt_attach_open(&attach, child.pid), -ENOEXEC);
	assert_int_equal(attach.version, 0);
	hear_end(&child, "");
}

static void
somebody_else_is_not_ours(void **state)
{
	struct child child;
	struct pmt_attach attach;
	pid_t second;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = start(pythons[0], "-c", busy);
	hear(&child, "ready\n");
	second = fork();
	if (second == 0)
		_exit(setuid(65534) == 0 ? -pmt_attach_open(&attach, child.pid)
					 : 0);
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EACCES);
	hear_end(&child, "over\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_a_line_of_ours),
		cmocka_unit_test(is_taken_back),
		cmocka_unit_test(is_woken),
		cmocka_unit_test(others_are_no_python),
		cmocka_unit_test(somebody_else_is_not_ours),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (!find_interpreters())
		return 0;
	return cmocka_run_group_tests(tests, NULL, forget_interpreters);
}
