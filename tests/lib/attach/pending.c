/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attach/pending.h"
#include "madeup.h"

static const int32_t versions[] = { VERSION_8, VERSION_11, VERSION_13 };

/* As CPython of that version has it while COUNT calls are queued. */
static void
queue(uint32_t first, uint32_t count)
{
	madeup.runtime.first = first;
	madeup.runtime.last = (first + count) % RING;
	madeup.runtime.to_do = madeup_layout.version < VERSION_13 ? count > 0
								 : count;
}

static void
check_queued(uint32_t first, uint32_t before)
{
	uint32_t slot = (first + before) % RING;
	const struct madeup_call *call = &madeup.runtime.calls[slot];

	assert_int_equal(madeup_attach.slot, slot);
	assert_int_equal(call->function, madeup_attach.run);
	assert_int_equal(call->argument, madeup_address(madeup.text));
	assert_int_equal(call->flags, 0);
	assert_string_equal(madeup.text, "import this");
	assert_int_equal(madeup.runtime.first, first);
	assert_int_equal(madeup.runtime.last, (slot + 1) % RING);
	assert_int_equal(madeup.runtime.to_do,
			 madeup_layout.version < VERSION_13 ? 1 : before + 1);
	assert_int_equal(pmt_pending_is_queued(&madeup_attach), 1);
}

/* Wherever the ring begins, and whatever is in it. */
static void
is_queued_behind_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(versions); i++)
		for (uint32_t first = 0; first < RING; first++)
			for (uint32_t count = 0; count < RING - 1; count++) {
				madeup_start(versions[i]);
				queue(first, count);
				assert_int_equal(pmt_pending_post(
					&madeup_attach, "import this"), 0);
				check_queued(first, count);
			}
}

static void
the_flag_is_set(void **state)
{
	(void)state;
	madeup_start(VERSION_13);
	assert_int_equal(pmt_pending_post(&madeup_attach, "1"), 0);
	assert_int_equal(madeup.main.breaker, madeup_layout.breaker_bit);
}

/* Until CPython has taken it, and whatever comes after it. */
static void
is_queued_until_it_is_taken(void **state)
{
	(void)state;
	madeup_start(VERSION_13);
	queue(2, 1);
	assert_int_equal(pmt_pending_post(&madeup_attach, "1"), 0);
	queue(2, 3);
	assert_int_equal(pmt_pending_is_queued(&madeup_attach), 1);
	queue(3, 2);
	assert_int_equal(pmt_pending_is_queued(&madeup_attach), 1);
	queue(0, 1);
	assert_int_equal(pmt_pending_is_queued(&madeup_attach), 0);
	queue(0, 0);
	assert_int_equal(pmt_pending_is_queued(&madeup_attach), 0);
}

/* ERR, and not a byte has changed. */
static void
check_refused(int err)
{
	struct madeup before = madeup;

	assert_int_equal(pmt_pending_post(&madeup_attach, "import this"), err);
	assert_memory_equal(&madeup, &before, sizeof(before));
}

static void
a_full_ring_is_left_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(versions); i++) {
		madeup_start(versions[i]);
		queue(3, RING - 1);
		check_refused(-EAGAIN);
	}
}

/* Some thread stands still in the middle of it. */
static void
a_locked_ring_is_left_alone(void **state)
{
	(void)state;
	madeup_start(VERSION_8);
	madeup.semaphore = 0;
	check_refused(-EAGAIN);
	madeup_start(VERSION_11);
	madeup.semaphore = 0;
	check_refused(-EAGAIN);
	madeup_start(VERSION_13);
	madeup.runtime.lock = 1;
	check_refused(-EAGAIN);
	madeup_start(VERSION_8);
	madeup.runtime.finishing = 1;
	check_refused(-EAGAIN);
}

static void
what_is_no_ring_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(versions); i++) {
		madeup_start(versions[i]);
		madeup.runtime.first = RING;
		check_refused(-EPROTO);
		madeup_start(versions[i]);
		madeup.runtime.last = 0xffffffff;
		check_refused(-EPROTO);
		madeup_start(versions[i]);
		madeup.runtime.to_do = 2;
		check_refused(-EPROTO);
		madeup_start(versions[i]);
		queue(1, 2);
		madeup.runtime.to_do = 0;
		check_refused(-EPROTO);
	}
	madeup_start(VERSION_13);
	madeup.runtime.lock = 4;
	check_refused(-EPROTO);
	madeup_start(VERSION_8);
	madeup.semaphore = 4;
	check_refused(-EPROTO);
	madeup_start(VERSION_8);
	madeup.runtime.lock = 0;
	check_refused(-EFAULT);
	madeup_start(VERSION_8);
	madeup.runtime.finishing = 2;
	check_refused(-EPROTO);
}

/* What was queued before is, and the text is for us to clear. */
static void
is_taken_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(versions); i++)
		for (uint32_t count = 0; count < RING - 1; count++) {
			madeup_start(versions[i]);
			queue(1, count);
			assert_int_equal(pmt_pending_post(&madeup_attach, "1"),
					 0);
			assert_int_equal(pmt_pending_withdraw(&madeup_attach),
					 0);
			assert_int_equal(madeup.runtime.last,
					 (1 + count) % RING);
			assert_int_equal(madeup.runtime.to_do,
					 versions[i] < VERSION_13 ? count > 0
								 : count);
			assert_int_equal(pmt_pending_is_queued(&madeup_attach),
					 0);
		}
}

/* Another one's cannot move: ours stays, and does nothing. */
static void
is_emptied_below_another(void **state)
{
	(void)state;
	madeup_start(VERSION_13);
	assert_int_equal(pmt_pending_post(&madeup_attach, "import this"), 0);
	queue(0, 2);
	assert_int_equal(pmt_pending_withdraw(&madeup_attach), 0);
	assert_string_equal(madeup.text, "");
	assert_int_equal(madeup.runtime.last, 2);
	assert_int_equal(madeup.runtime.to_do, 2);
}

static void
stays_where_it_cannot_be_taken_back(void **state)
{
	struct madeup before;

	(void)state;
	madeup_start(VERSION_11);
	assert_int_equal(pmt_pending_post(&madeup_attach, "1"), 0);
	madeup.semaphore = 0;
	before = madeup;
	assert_int_equal(pmt_pending_withdraw(&madeup_attach), -EAGAIN);
	assert_memory_equal(&madeup, &before, sizeof(before));
}

/* The flag of 3.11, for which nothing is queued any more. */
static void
settles_what_was_left(void **state)
{
	(void)state;
	madeup_start(VERSION_11);
	madeup.runtime.to_do = madeup.interpreter.breaker = 1;
	assert_int_equal(pmt_pending_settle(&madeup_attach), 0);
	assert_int_equal(madeup.runtime.to_do, 0);
	assert_int_equal(madeup.interpreter.breaker, 0);
}

/* PLACE says that somebody else waits for the flag. */
static void
check_flag_stays(uint32_t *place)
{
	madeup_start(VERSION_11);
	madeup.runtime.to_do = madeup.interpreter.breaker = 1;
	*place = 1;
	assert_int_equal(pmt_pending_settle(&madeup_attach), 0);
	assert_int_equal(madeup.interpreter.breaker, 1);
}

static void
settles_nothing_of_others(void **state)
{
	struct madeup before;

	(void)state;
	check_flag_stays(&madeup.runtime.async);
	check_flag_stays(&madeup.runtime.signals);
	check_flag_stays(&madeup.interpreter.drop_request);
	madeup_start(VERSION_11);
	queue(0, 1);
	madeup.interpreter.breaker = 1;
	before = madeup;
	assert_int_equal(pmt_pending_settle(&madeup_attach), 0);
	assert_memory_equal(&madeup, &before, sizeof(before));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_queued_behind_others),
		cmocka_unit_test(the_flag_is_set),
		cmocka_unit_test(is_queued_until_it_is_taken),
		cmocka_unit_test(a_full_ring_is_left_alone),
		cmocka_unit_test(a_locked_ring_is_left_alone),
		cmocka_unit_test(what_is_no_ring_is_refused),
		cmocka_unit_test(is_taken_back),
		cmocka_unit_test(is_emptied_below_another),
		cmocka_unit_test(stays_where_it_cannot_be_taken_back),
		cmocka_unit_test(settles_what_was_left),
		cmocka_unit_test(settles_nothing_of_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, madeup_setup, madeup_teardown);
}
