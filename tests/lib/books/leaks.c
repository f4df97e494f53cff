/* SPDX-License-Identifier: MIT */
/* The books of a random log, against a list that is searched from its start. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "books/leaks.h"

enum { ROWS = 3000, ADDRESSES = 40, SITES = 300 };

/* Every object ever made, in the order of the rows that made them. */
static struct made {
	struct pmt_object object;
	struct pmt_event end;
	bool gone;		/* destroyed, or replaced */
	bool destroyed;
} made[ROWS];
static size_t made_count;
static struct pmt_site_life lives[SITES];
static struct pmt_leaks_totals totals;
static int64_t first_rss, last_rss, peak_rss, mark_rss;
static struct pmt_alive at_peak[SITES];

static struct made *
living_at(uint64_t address)
{
	for (size_t i = made_count; i-- > 0;)
		if (made[i].object.address == address)
			return made[i].gone ? NULL : &made[i];
	return NULL;
}

static int64_t
cut(int64_t live)
{
	return live > INT32_MAX ? INT32_MAX :
	       live < INT32_MIN ? INT32_MIN : live;
}

static void
model_new(const struct pmt_event *event, int64_t since)
{
	struct made *former = living_at(event->address);

	if (former != NULL) {
		former->gone = true;
		totals.twice += former->object.clock >= since;
	}
	made[made_count++] = (struct made){ .object = {
		.address = event->address, .clock = event->clock,
		.line = event->line, .site = event->site,
		.size = PMT_HAS(event, SIZE) ? event->size : 0,
		.live = (int32_t)(PMT_HAS(event, LIVE) ? cut(event->live)
						       : 0),
	} };
	if (event->clock < since)
		return;
	lives[event->site].made++;
	totals.made++;
}

static void
model_del(const struct pmt_event *event, int64_t since)
{
	struct made *former = living_at(event->address);

	if (former != NULL) {
		former->gone = former->destroyed = true;
		former->end = *event;
	}
	if ((former != NULL ? former->object.clock : event->clock) < since)
		return;
	lives[event->site].destroyed++;
	totals.destroyed++;
	if (former == NULL) {
		lives[event->site].untracked++;
		totals.untracked++;
	} else {
		lives[former->object.site].past++;
	}
}

static void
model_rss(const struct pmt_event *event, int64_t since)
{
	if (!PMT_HAS(event, RSS) || event->clock < since)
		return;
	if (first_rss == 0)
		first_rss = event->rss;
	last_rss = event->rss;
	if (peak_rss < event->rss)
		peak_rss = event->rss;
	if (event->rss <= mark_rss + mark_rss / 64)
		return;
	mark_rss = event->rss;
	memset(at_peak, 0, sizeof(at_peak));
	for (size_t i = 0; i < made_count; i++) {
		const struct pmt_object *object = &made[i].object;

		if (made[i].gone || object->clock < since)
			continue;
		at_peak[object->site].count++;
		at_peak[object->site].bytes += object->size;
	}
}

static void
assert_same_object(const struct pmt_object *a, const struct pmt_object *b)
{
	assert_int_equal(a->address, b->address);
	assert_int_equal(a->clock, b->clock);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->live, b->live);
	assert_int_equal(a->site, b->site);
}

static void
check_totals(const struct pmt_leaks *leaks)
{
	const struct pmt_leaks_totals *found = pmt_leaks_totals(leaks);
	const struct pmt_footprints *memory = pmt_leaks_footprints(leaks);

	assert_int_equal(found->made, totals.made);
	assert_int_equal(found->destroyed, totals.destroyed);
	assert_int_equal(found->untracked, totals.untracked);
	assert_int_equal(found->twice, totals.twice);
	assert_int_equal(memory->first_rss, first_rss);
	assert_int_equal(memory->last_rss, last_rss);
	assert_int_equal(memory->peak_rss, peak_rss);
}

static void
check_living(const struct pmt_leaks *leaks, int64_t since)
{
	const struct pmt_object *object = NULL;
	uint64_t live[SITES] = { 0 }, count = 0;
	int64_t bytes[SITES] = { 0 };

	for (size_t i = 0; i < made_count; i++)
		if (!made[i].gone && made[i].object.clock >= since) {
			live[made[i].object.site]++;
			bytes[made[i].object.site] += made[i].object.size;
			count++;
		}
	assert_int_equal(pmt_leaks_totals(leaks)->live, count);
	while ((object = pmt_leaks_next(leaks, object)) != NULL) {
		const struct made *known = living_at(object->address);

		assert_non_null(known);
		assert_same_object(object, &known->object);
		count--;
	}
	assert_int_equal(count, 0);
	for (uint32_t i = 0; i < SITES; i++) {
		const struct pmt_site_life *life = pmt_leaks_site(leaks, i);
		struct pmt_alive peak = pmt_leaks_at_peak(leaks, i);

		assert_int_equal(peak.count, at_peak[i].count);
		assert_int_equal(peak.bytes, at_peak[i].bytes);
		if (life == NULL) {
			assert_int_equal(lives[i].made + lives[i].destroyed, 0);
			continue;
		}
		assert_int_equal(life->live, live[i]);
		assert_int_equal(life->bytes, bytes[i]);
		assert_int_equal(life->series.now.value, live[i]);
		assert_int_equal(life->made, lives[i].made);
		assert_int_equal(life->destroyed, lives[i].destroyed);
		assert_int_equal(life->untracked, lives[i].untracked);
		assert_int_equal(life->past, lives[i].past);
	}
}

static void
check_past(const struct pmt_leaks *leaks, int64_t since, bool kept)
{
	uint64_t count, expected = 0;
	const struct pmt_past *past = pmt_leaks_past(leaks, &count);

	for (size_t i = 0; i < made_count; i++)
		expected += kept && made[i].destroyed &&
			    made[i].object.clock >= since;
	assert_int_equal(count, expected);
	for (uint64_t i = 0; i < count; i++) {
		size_t j = 0;

		while (made[j].object.line != past[i].made.line)
			assert_in_range(++j, 0, made_count - 1);
		assert_same_object(&past[i].made, &made[j].object);
		assert_int_equal(past[i].destroyed_clock, made[j].end.clock);
		assert_int_equal(past[i].destroyed_site, made[j].end.site);
		if (i > 0)
			assert_true(past[i].destroyed_clock >=
				    past[i - 1].destroyed_clock);
	}
}

static struct pmt_event
random_event(uint64_t line, int64_t clock)
{
	struct pmt_event event = {
		.row = random() % 2 ? PMT_ROW_NEW : PMT_ROW_DEL,
		.line = line, .clock = clock,
		.site = (uint32_t)random() % SITES,
		.address = 16 * (uint64_t)(random() % ADDRESSES),
		.live = (int64_t)random() << random() % 8,
		.rss = 1 + random() % 1000, .size = random() % 100,
	};

	if (random() % 2)
		event.live = -event.live;
	if (random() % 4)
		event.has |= 1u << PMT_COLUMN_RSS;
	if (random() % 4)
		event.has |= 1u << PMT_COLUMN_SIZE;
	if (random() % 4)
		event.has |= 1u << PMT_COLUMN_LIVE;
	return event;
}

/* Clocks often stand still, so that many rows are exactly at SINCE. */
static void
check_log(int64_t since, bool keep)
{
	struct pmt_leaks *leaks = pmt_leaks_new(since, keep);
	int64_t clock = 0;

	assert_non_null(leaks);
	made_count = 0;
	memset(lives, 0, sizeof(lives));
	memset(&totals, 0, sizeof(totals));
	memset(at_peak, 0, sizeof(at_peak));
	first_rss = last_rss = peak_rss = mark_rss = 0;
	for (uint64_t line = 1; line <= ROWS; line++) {
		struct pmt_event event = random_event(line, clock);
		struct pmt_object former;
		struct made *known = living_at(event.address);

		assert_int_equal(pmt_leaks_add(leaks, &event, &former), 0);
		clock += random() % 20 == 0;
		if (event.address == 0)
			continue;
		assert_same_object(&former, known != NULL ? &known->object :
				   &(struct pmt_object){ 0 });
		(event.row == PMT_ROW_NEW ? model_new : model_del)(&event,
								   since);
		model_rss(&event, since);
	}
	check_totals(leaks);
	check_living(leaks, since);
	check_past(leaks, since, keep);
	assert_in_range(pmt_leaks_memory(leaks), 1000, 10000000);
	pmt_leaks_free(leaks);
}

static void
keeps_books_as_a_plain_list_does(void **state)
{
	(void)state;
	srandom(1);
	check_log(INT64_MIN, true);
	check_log(0, false);
	for (int64_t since = 1; since < 200; since += since / 2 + 1)
		check_log(since, since % 2);
}

/* Of several rows at one clock, all are in or all are out. */
static void
a_row_at_since_counts(void **state)
{
	const uint64_t expected[] = { 2, 2, 1, 0 };

	(void)state;
	for (int64_t since = 9; since <= 12; since++) {
		struct pmt_leaks *leaks = pmt_leaks_new(since, true);
		struct pmt_object former;
		uint64_t past;

		assert_non_null(leaks);
		for (int64_t clock = 10; clock <= 11; clock++) {
			struct pmt_event event = {
				.row = PMT_ROW_NEW, .clock = clock,
				.address = (uint64_t)clock,
			};

			assert_int_equal(pmt_leaks_add(leaks, &event, &former),
					 0);
			event.row = PMT_ROW_DEL;
			assert_int_equal(pmt_leaks_add(leaks, &event, &former),
					 0);
			/* Nobody saw this one made. */
			assert_int_equal(pmt_leaks_add(leaks, &event, &former),
					 0);
		}
		pmt_leaks_past(leaks, &past);
		assert_int_equal(pmt_leaks_totals(leaks)->made,
				 expected[since - 9]);
		assert_int_equal(past, expected[since - 9]);
		assert_int_equal(pmt_leaks_totals(leaks)->untracked,
				 expected[since - 9]);
		pmt_leaks_free(leaks);
	}
}

static void
note(struct pmt_leaks *leaks, const char *text)
{
	assert_true(pmt_leaks_note(leaks, 5, (struct pmt_text){
		text, strlen(text) }));
}

static void
row(struct pmt_leaks *leaks, enum pmt_row row, uint64_t address, int64_t size)
{
	struct pmt_event event = {
		.row = row, .clock = 5, .address = address, .size = size,
		.has = 1 << PMT_COLUMN_SIZE,
	};
	struct pmt_object former;

	assert_int_equal(pmt_leaks_add(leaks, &event, &former), 0);
}

/* A forgotten object, and garbage; where both were others come, and go. */
static void
what_atexit_destroys_was_alive(void **state)
{
	enum { FORGOTTEN = 16, GARBAGE = 32, LATE = 48 };
	struct pmt_leaks *leaks = pmt_leaks_new(0, false);

	(void)state;
	assert_non_null(leaks);
	row(leaks, PMT_ROW_NEW, FORGOTTEN, 100);
	row(leaks, PMT_ROW_NEW, GARBAGE, 200);
	note(leaks, "Memory at exit: rss=4096");
	row(leaks, PMT_ROW_DEL, GARBAGE, 0);
	note(leaks, "Memory before atexit: rss=4096");
	row(leaks, PMT_ROW_DEL, FORGOTTEN, 0);
	row(leaks, PMT_ROW_NEW, FORGOTTEN, 1000);
	row(leaks, PMT_ROW_NEW, LATE, 1000);
	row(leaks, PMT_ROW_DEL, FORGOTTEN, 0);
	row(leaks, PMT_ROW_NEW, FORGOTTEN, 1000);
	row(leaks, PMT_ROW_DEL, LATE, 0);
	pmt_leaks_resize(leaks, FORGOTTEN, 1000);
	assert_int_equal(pmt_leaks_site(leaks, 0)->live, 1);
	assert_int_equal(pmt_leaks_site(leaks, 0)->bytes, 100);
	assert_int_equal(pmt_leaks_totals(leaks)->live, 1);
	assert_int_equal(pmt_leaks_totals(leaks)->freed_at_exit, 1);
	assert_int_equal(pmt_leaks_totals(leaks)->untracked, 0);
	assert_int_equal(pmt_leaks_totals(leaks)->made, 5);
	assert_int_equal(pmt_leaks_totals(leaks)->destroyed, 4);
	pmt_leaks_free(leaks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_books_as_a_plain_list_does),
		cmocka_unit_test(a_row_at_since_counts),
		cmocka_unit_test(what_atexit_destroys_was_alive),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
