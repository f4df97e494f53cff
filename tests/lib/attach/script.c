/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attach/script.h"
#include "madeup.h"

static void
is_asked_for(void **state)
{
	(void)state;
	madeup_start(VERSION_14);
	assert_int_equal(pmt_script_is_asked(&madeup_attach), 0);
	assert_int_equal(pmt_script_post(&madeup_attach, "/tmp/script.py"), 0);
	assert_string_equal(madeup.main.path, "/tmp/script.py");
	assert_int_equal(madeup.main.asked, 1);
	assert_int_equal(madeup.main.breaker, madeup_layout.breaker_bit);
	assert_int_equal(madeup.other.asked, 0);
	assert_int_equal(pmt_script_is_asked(&madeup_attach), 1);
}

static void
is_taken_back(void **state)
{
	(void)state;
	madeup_start(VERSION_14);
	assert_int_equal(pmt_script_post(&madeup_attach, "/tmp/script.py"), 0);
	assert_int_equal(pmt_script_withdraw(&madeup_attach), 0);
	assert_int_equal(madeup.main.asked, 0);
	assert_int_equal(pmt_script_is_asked(&madeup_attach), 0);
}

/* ERR, and not a byte has changed. */
static void
check_refused(const char *path, int err)
{
	struct madeup before = madeup;

	assert_int_equal(pmt_script_post(&madeup_attach, path), err);
	assert_memory_equal(&madeup, &before, sizeof(before));
}

static void
paths_have_an_end(void **state)
{
	char path[PATH_ROOM + 1];

	(void)state;
	memset(path, 'x', PATH_ROOM);
	path[PATH_ROOM] = '\0';
	madeup_start(VERSION_14);
	check_refused(path, -ENAMETOOLONG);
	path[PATH_ROOM - 1] = '\0';
	assert_int_equal(pmt_script_post(&madeup_attach, path), 0);
	assert_string_equal(madeup.main.path, path);
}

static void
may_be_forbidden(void **state)
{
	(void)state;
	madeup_start(VERSION_14);
	madeup.interpreter.enabled = 0;
	check_refused("/tmp/script.py", -ECONNREFUSED);
}

static void
one_script_at_a_time(void **state)
{
	(void)state;
	madeup_start(VERSION_14);
	madeup.main.asked = 1;
	check_refused("/tmp/script.py", -EAGAIN);
}

static void
what_is_no_support_is_refused(void **state)
{
	uint64_t *const offsets[] = {
		&madeup.runtime.enabled, &madeup.runtime.support,
		&madeup.runtime.asked, &madeup.runtime.path,
	};

	(void)state;
	madeup_start(VERSION_14);
	madeup.interpreter.enabled = 2;
	check_refused("/tmp/script.py", -EPROTO);
	madeup_start(VERSION_14);
	madeup.main.asked = 0xffffffff;
	check_refused("/tmp/script.py", -EPROTO);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(offsets); i++) {
		madeup_start(VERSION_14);
		*offsets[i] = UINT64_C(1) << 40;
		check_refused("/tmp/script.py", -EPROTO);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_asked_for),
		cmocka_unit_test(is_taken_back),
		cmocka_unit_test(paths_have_an_end),
		cmocka_unit_test(may_be_forbidden),
		cmocka_unit_test(one_script_at_a_time),
		cmocka_unit_test(what_is_no_support_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, madeup_setup, madeup_teardown);
}
