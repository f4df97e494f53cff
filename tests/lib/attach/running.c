/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attach/running.h"
#include "madeup.h"

static const int32_t versions[] = { VERSION_8, VERSION_11, VERSION_13,
				    VERSION_14 };

static void
finds_the_main_thread(void **state)
{
	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(versions); i++) {
		madeup_start(versions[i]);
		madeup_attach.base[PMT_IN_INTERPRETER] = 0;
		madeup_attach.base[PMT_IN_THREAD] = 0;
		assert_int_equal(pmt_running_check(&madeup_attach), 0);
		assert_int_equal(pmt_running_thread(&madeup_attach), 0);
		assert_int_equal(madeup_attach.base[PMT_IN_INTERPRETER],
				 madeup_address(&madeup.interpreter));
		assert_int_equal(madeup_attach.base[PMT_IN_THREAD],
				 madeup_address(&madeup.main));
	}
}

/* VALUE stands at PLACE of one that would do else. */
static void
check_with(void *place, uint32_t value, int err)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(versions); i++) {
		madeup_start(versions[i]);
		*(uint32_t *)place = value;
		assert_int_equal(pmt_running_check(&madeup_attach), err);
	}
}

static void
is_left_alone_while_it_starts(void **state)
{
	(void)state;
	check_with(&madeup.runtime.core_initialized, 0, -EAGAIN);
	check_with(&madeup.runtime.initialized, 0, -EAGAIN);
}

static void
is_left_alone_while_it_ends(void **state)
{
	(void)state;
	check_with(&madeup.runtime.finalizing, 0x1000, -EAGAIN);
}

static void
what_is_no_flag_is_no_python(void **state)
{
	(void)state;
	check_with(&madeup.runtime.core_initialized, 2, -EPROTO);
	check_with(&madeup.runtime.initialized, 0xffffffff, -EPROTO);
	check_with(&madeup.interpreter.id, 1, -EPROTO);
}

static void
wants_its_cookie(void **state)
{
	(void)state;
	madeup_start(VERSION_13);
	madeup.runtime.cookie[7] = 'x';
	assert_int_equal(pmt_running_check(&madeup_attach), -EPROTO);
	/* There was none before. */
	madeup_start(VERSION_11);
	madeup.runtime.cookie[7] = 'x';
	assert_int_equal(pmt_running_check(&madeup_attach), 0);
}

static void
pointers_may_lead_nowhere(void **state)
{
	static const uint64_t odd[] = { 0, 1, UINT64_C(1) << 63, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(odd); i++) {
		madeup_start(VERSION_13);
		madeup.runtime.main_interpreter = odd[i];
		assert_int_equal(pmt_running_check(&madeup_attach), -EFAULT);
		madeup_start(VERSION_13);
		madeup.interpreter.threads = odd[i];
		assert_int_equal(pmt_running_thread(&madeup_attach),
				 odd[i] == 0 ? -EAGAIN : -EFAULT);
		madeup_start(VERSION_13);
		madeup.other.next = odd[i];
		assert_int_equal(pmt_running_thread(&madeup_attach),
				 odd[i] == 0 ? -EAGAIN : -EFAULT);
		madeup_start(VERSION_11);
		madeup.main.frame = odd[i];
		assert_int_equal(pmt_running_thread(&madeup_attach),
				 odd[i] == 0 ? -EAGAIN : -EFAULT);
	}
}

/* No memory is read for ever. */
static void
threads_may_go_in_a_circle(void **state)
{
	(void)state;
	madeup_start(VERSION_13);
	madeup.other.next = madeup_address(&madeup.other);
	assert_int_equal(pmt_running_thread(&madeup_attach), -EAGAIN);
	madeup_start(VERSION_13);
	madeup.main.id = 8;
	madeup.main.next = madeup_address(&madeup.other);
	assert_int_equal(pmt_running_thread(&madeup_attach), -EAGAIN);
}

static void
must_be_in_python(void **state)
{
	(void)state;
	madeup_start(VERSION_13);
	madeup.main.frame = 0;
	assert_int_equal(pmt_running_thread(&madeup_attach), -EAGAIN);
	madeup_start(VERSION_11);
	madeup.cframe = 0;
	assert_int_equal(pmt_running_thread(&madeup_attach), -EAGAIN);
}

static void
flags_of_others_stay(void **state)
{
	(void)state;
	madeup_start(VERSION_13);
	madeup.main.breaker = UINT64_C(0xf00000000000) | 1;
	assert_int_equal(pmt_running_break(&madeup_attach), 0);
	assert_int_equal(madeup.main.breaker,
			 UINT64_C(0xf00000000000) | 1 | 4);
	assert_int_equal(madeup.interpreter.breaker, 0);
	madeup_start(VERSION_11);
	assert_int_equal(pmt_running_break(&madeup_attach), 0);
	assert_int_equal(madeup.interpreter.breaker, 1);
	assert_int_equal(madeup.interpreter.enabled, 1);
}

/* Where threads share it, one that is traced would not get on. */
static void
no_other_thread_is_interrupted(void **state)
{
	(void)state;
	madeup_start(VERSION_11);
	madeup.runtime.current = madeup_address(&madeup.other);
	assert_int_equal(pmt_running_break(&madeup_attach), 0);
	assert_int_equal(madeup.interpreter.breaker, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_main_thread),
		cmocka_unit_test(is_left_alone_while_it_starts),
		cmocka_unit_test(is_left_alone_while_it_ends),
		cmocka_unit_test(what_is_no_flag_is_no_python),
		cmocka_unit_test(wants_its_cookie),
		cmocka_unit_test(pointers_may_lead_nowhere),
		cmocka_unit_test(threads_may_go_in_a_circle),
		cmocka_unit_test(must_be_in_python),
		cmocka_unit_test(flags_of_others_stay),
		cmocka_unit_test(no_other_thread_is_interrupted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, madeup_setup, madeup_teardown);
}
