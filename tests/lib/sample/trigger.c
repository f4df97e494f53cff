/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sample/trigger.h"

#define PAGE 4096
#define START (100 * PAGE)

/* Feed an event, write its NEXT row if one is due. */
static enum pmt_trigger_rows
feed(struct pmt_trigger *trigger, uint64_t rss)
{
	enum pmt_trigger_rows rows = pmt_trigger_event(trigger, rss);

	if (rows != PMT_ROWS_NONE)
		pmt_trigger_next(trigger, rss);
	return rows;
}

static void
default_is_one_page(void **state)
{
	static const int64_t given[] = { -1, -1000000, INT64_MIN };
	struct pmt_trigger trigger;

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(given); i++) {
		pmt_trigger_init(&trigger, given[i], PAGE, START);
		assert_int_equal(feed(&trigger, START), PMT_ROWS_NONE);
		assert_int_equal(feed(&trigger, START + PAGE - 1),
				 PMT_ROWS_NONE);
		assert_int_equal(feed(&trigger, START + PAGE),
				 PMT_ROWS_PREV_NEXT);
	}
}

static void
zero_is_every_event(void **state)
{
	struct pmt_trigger trigger;

	(void)state;
	pmt_trigger_init(&trigger, 0, PAGE, START);
	for (uint64_t i = 1; i < 10; i++) {
		assert_int_equal(feed(&trigger, START), PMT_ROWS_NEXT);
		assert_int_equal(trigger.event, i);
		assert_int_equal(trigger.row_event, i);
	}
}

static void
falls_count_like_rises(void **state)
{
	struct pmt_trigger trigger;

	(void)state;
	pmt_trigger_init(&trigger, 2 * PAGE, PAGE, START);
	assert_int_equal(feed(&trigger, START - PAGE), PMT_ROWS_NONE);
	assert_int_equal(feed(&trigger, START - 2 * PAGE),
			 PMT_ROWS_PREV_NEXT);
	assert_int_equal(feed(&trigger, 0), PMT_ROWS_NEXT);
	assert_int_equal(feed(&trigger, START), PMT_ROWS_NEXT);
}

static void
small_steps_add_up(void **state)
{
	struct pmt_trigger trigger;

	(void)state;
	pmt_trigger_init(&trigger, 10 * PAGE, PAGE, START);
	for (int i = 1; i < 10; i++)
		assert_int_equal(feed(&trigger, START + (uint64_t)i * PAGE),
				 PMT_ROWS_NONE);
	assert_int_equal(trigger.row_rss, START);
	assert_int_equal(feed(&trigger, START + 10 * PAGE),
			 PMT_ROWS_PREV_NEXT);
	assert_int_equal(trigger.row_rss, START + 10 * PAGE);
	/* There and back again is no change. */
	assert_int_equal(feed(&trigger, START + 15 * PAGE), PMT_ROWS_NONE);
	assert_int_equal(feed(&trigger, START + 10 * PAGE), PMT_ROWS_NONE);
}

static void
prev_only_where_events_were_left_out(void **state)
{
	struct pmt_trigger trigger;

	(void)state;
	pmt_trigger_init(&trigger, -1, PAGE, START);
	/* Event 1 follows FRST, which is the event before. */
	assert_int_equal(feed(&trigger, START + PAGE), PMT_ROWS_NEXT);
	assert_int_equal(feed(&trigger, START + 2 * PAGE), PMT_ROWS_NEXT);
	assert_int_equal(feed(&trigger, START + 2 * PAGE), PMT_ROWS_NONE);
	assert_int_equal(pmt_trigger_event(&trigger, START),
			 PMT_ROWS_PREV_NEXT);
	assert_int_equal(trigger.event - trigger.row_event, 2);
}

static void
huge_steps_never_trigger(void **state)
{
	struct pmt_trigger trigger;

	(void)state;
	pmt_trigger_init(&trigger, INT64_MAX, PAGE, START);
	assert_int_equal(feed(&trigger, 0), PMT_ROWS_NONE);
	assert_int_equal(feed(&trigger, UINT64_C(1) << 60), PMT_ROWS_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_is_one_page),
		cmocka_unit_test(zero_is_every_event),
		cmocka_unit_test(falls_count_like_rises),
		cmocka_unit_test(small_steps_add_up),
		cmocka_unit_test(prev_only_where_events_were_left_out),
		cmocka_unit_test(huge_steps_never_trigger),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
