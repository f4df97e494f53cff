/* SPDX-License-Identifier: MIT */
/* Groups of live objects. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "leaksfixture.h"

/* A name with the spare bytes that pmt_sites_find() may read. */
static struct pmt_text
name(char letter, long number)
{
	static char names[4][32];
	static unsigned int next;
	char *text = names[next++ % 4];

	return (struct pmt_text){
		text, (size_t)snprintf(text, 16, "%c%ld", letter, number),
	};
}

static void
put(enum pmt_row row, uint64_t address, uint32_t site, int64_t clock,
    int64_t size)
{
	const struct pmt_event event = {
		.row = row, .address = address, .site = site, .clock = clock,
		.size = size, .has = 1u << PMT_COLUMN_SIZE,
	};
	struct pmt_object former;

	assert_int_equal(pmt_leaks_add(leaks, &event, &former), 0);
}

/* So many objects of one site are alive after CLOCK, so many before. */
static void
live_at(int64_t before, int64_t after, uint32_t site, int64_t clock)
{
	int64_t live = before;

	for (; live < after; live++)
		put(PMT_ROW_NEW, 100 + (uint64_t)live, site, clock, 1);
	for (; live > after; live--)
		put(PMT_ROW_DEL, 100 + (uint64_t)live - 1, site, clock, 1);
}

/* COUNT objects of one site are alive at each moment, then it is the end. */
static void
live_so(const int64_t count[PMT_TREND_MOMENTS], uint32_t site)
{
	/* The axis begins with 32 steps of 1024 ns. */
	const int64_t moment = 1024;

	/* Somebody else is the first one. */
	put(PMT_ROW_DEL, 1, site, 0, 0);
	for (int i = 0; i < PMT_TREND_MOMENTS; i++)
		live_at(i > 0 ? count[i - 1] : 0, count[i], site,
			i * moment + 500);
	put(PMT_ROW_DEL, 1, site, PMT_TREND_MOMENTS * moment - 1, 0);
}

/* The rule of growth, from how many were alive at the end of each moment. */
static bool
grows(const int64_t count[PMT_TREND_MOMENTS])
{
	struct pmt_trend trend = pmt_trend_of(count);
	int64_t lows[PMT_TREND_MOMENTS] = { 0 };

	for (int i = 1; i < PMT_TREND_MOMENTS; i++)
		lows[i] = count[i - 1] < count[i] ? count[i - 1] : count[i];
	return trend.grows && (trend.steadily || pmt_trend_rises(lows));
}

static void
moments_and_trend_are_those_of_the_objects(void **state)
{
	const struct pmt_choice choice = { 0 };
	int growing = 0;

	(void)state;
	srandom(1);
	for (int run = 0; run < 500; run++) {
		int64_t count[PMT_TREND_MOMENTS], now = 1 + random() % 4;
		struct pmt_groups groups;
		struct pmt_site_text text;
		uint32_t site;

		for (int i = 0; i < PMT_TREND_MOMENTS; i++) {
			long step = random() % 8;

			now += step < 5 ? 0 : step == 5 && now > 1 ? -1 : 1;
			count[i] = now;
		}
		set_up(NULL);
		text = (struct pmt_site_text){
			name('t', 1), name('f', 1), name('g', 1), .line = 1,
		};
		assert_int_equal(pmt_sites_find(sites, &text, &site), 0);
		live_so(count, site);
		assert_int_equal(pmt_groups_make(leaks, sites, &choice,
						 &groups), 0);
		assert_int_equal(groups.count, 1);
		assert_memory_equal(groups.list[0].moments, count,
				    sizeof(count));
		assert_int_equal(groups.list[0].growing, grows(count));
		assert_int_equal(groups.growing, grows(count));
		growing += grows(count);
		free(groups.list);
		tear_down(NULL);
	}
	/* Neither answer is rare. */
	assert_in_range(growing, 50, 450);
}

/* The site of objects that a line of its FUNCTION makes, when KIND imports. */
static uint32_t
importing_site(const char *function, unsigned int kind)
{
	static char names[64];
	struct pmt_site_text text = {
		name('t', 1), name('f', 1), name('g', 1), .line = 1,
		.own = { .kind = kind, .file = name('o', 1), .line = 2 },
	};
	uint32_t site;

	text.own.function = (struct pmt_text){
		names, (size_t)snprintf(names, 32, "%s", function),
	};
	assert_int_equal(pmt_sites_find(sites, &text, &site), 0);
	return site;
}

enum { LONG = 1 << 30, SHORT = 1 << 20 };

/* Imports for long, a BEFORE of work first, and then, for short, a leak. */
static bool
a_burst_after_imports_grows(const char *function, unsigned int kind,
			    int64_t before)
{
	const struct pmt_choice choice = { .fold_imports = true };
	struct pmt_site_text text;
	struct pmt_groups groups;
	uint32_t own, imports;
	bool growing = false;

	set_up(NULL);
	pmt_leaks_set_sites(leaks, sites);
	imports = importing_site(function, kind);
	text = (struct pmt_site_text){
		name('t', 2), name('f', 2), name('g', 2), .line = 3,
	};
	assert_int_equal(pmt_sites_find(sites, &text, &own), 0);
	put(PMT_ROW_NEW, 16, own, 0, 1);
	put(PMT_ROW_NEW, 17, own, before, 1);
	for (uint64_t i = 0; i <= 64; i++)
		put(PMT_ROW_NEW, 1000 + i, imports,
		    before + (int64_t)i * (LONG / 64), 1);
	for (uint64_t i = 0; i < 64; i++)
		put(PMT_ROW_NEW, 2000 + i, own,
		    before + LONG + (int64_t)i * (SHORT / 64), 1);
	assert_int_equal(pmt_groups_make(leaks, sites, &choice, &groups), 0);
	for (size_t i = 0; i < groups.count; i++)
		growing |= groups.list[i].key.line == text.line &&
			   groups.list[i].growing;
	free(groups.list);
	tear_down(NULL);
	return growing;
}

/* A function may import again and again; and much work stays on the axis. */
static void
the_axis_begins_where_imports_end(void **state)
{
	const unsigned int imports = PMT_OWN_IMPORT | PMT_OWN_CALLER;

	(void)state;
	assert_true(a_burst_after_imports_grows("<module>", imports, 0));
	assert_true(a_burst_after_imports_grows("<module>", imports,
						LONG / 4));
	assert_false(a_burst_after_imports_grows("<module>", imports,
						 LONG / 2));
	assert_false(a_burst_after_imports_grows("<module>", PMT_OWN_CALLER,
						 0));
	assert_false(a_burst_after_imports_grows("load", PMT_OWN_CALLER, 0));
}

/* A full cache, where each moment happens upon a higher part of its saw. */
static void
the_phase_of_a_saw_is_no_growth(void **state)
{
	const struct pmt_choice choice = { 0 };
	struct pmt_site_text text;
	struct pmt_groups groups;
	int64_t count[PMT_TREND_MOMENTS];
	uint32_t site;

	(void)state;
	for (int i = 0; i < PMT_TREND_MOMENTS; i++)
		count[i] = i < 16 ? 20 + i % 4 : i % 7 == 0 ? 22 : 8 + i;
	assert_true(pmt_trend_of(count).grows);
	set_up(NULL);
	text = (struct pmt_site_text){
		name('t', 1), name('f', 1), name('g', 1), .line = 1,
	};
	assert_int_equal(pmt_sites_find(sites, &text, &site), 0);
	live_at(0, count[0], site, 0);
	for (int i = 1; i < PMT_TREND_MOMENTS; i++) {
		live_at(count[i - 1], 20, site, i * 1024);
		live_at(20, count[i], site, i * 1024 + 900);
	}
	assert_int_equal(pmt_groups_make(leaks, sites, &choice, &groups), 0);
	assert_int_equal(groups.list[0].live, count[PMT_TREND_MOMENTS - 1]);
	assert_false(groups.list[0].growing);
	free(groups.list);
	tear_down(NULL);
}

enum { OBJECTS = 2000, NAMES = 5 };

static struct alive { struct pmt_site site; int64_t clock, size; }
alive[OBJECTS];

/* Do these two belong together?  A plain statement of each grouping. */
static bool
together(unsigned int by, const struct pmt_site *a, const struct pmt_site *b)
{
	if (by == 0)
		by = PMT_GROUP_TYPE | PMT_GROUP_SITE;
	if ((by & PMT_GROUP_TYPE) && a->type != b->type)
		return false;
	if ((by & PMT_GROUP_FILE) && a->file != b->file)
		return false;
	if ((by & PMT_GROUP_FUNCTION) &&
	    (a->file != b->file || a->function != b->function))
		return false;
	return !(by & (PMT_GROUP_SITE | PMT_GROUP_LINE)) ||
	       (a->file == b->file && a->function == b->function &&
		a->line == b->line);
}

static void
check_group(const struct pmt_group *group, unsigned int by,
	    const struct alive *member)
{
	int64_t first = INT64_MAX, last = INT64_MIN, bytes = 0;
	uint64_t live = 0;

	for (int i = 0; i < OBJECTS; i++) {
		if (!together(by, &member->site, &alive[i].site))
			continue;
		live++;
		bytes += alive[i].size;
		first = alive[i].clock < first ? alive[i].clock : first;
		last = alive[i].clock > last ? alive[i].clock : last;
	}
	assert_int_equal(group->live, live);
	assert_int_equal(group->made, live);
	assert_int_equal(group->bytes, bytes);
	assert_int_equal(group->first, first);
	assert_int_equal(group->last, last);
}

/* By which number groups are ordered, the largest first. */
static int64_t
rank(const struct pmt_group *group, enum pmt_order order)
{
	switch (order) {
	case PMT_ORDER_BYTES:
		return group->bytes;
	case PMT_ORDER_FIRST:
		return -group->first;
	case PMT_ORDER_LAST:
		return group->last;
	case PMT_ORDER_MADE:
		return (int64_t)group->made;
	case PMT_ORDER_DEFAULT:
		return group->growing ? INT64_MAX : group->bytes;
	default:
		return (int64_t)group->live;
	}
}

static void
check_groups(unsigned int by, enum pmt_order order)
{
	const struct pmt_choice choice = { .group_by = by, .order = order };
	struct pmt_groups groups;
	uint64_t live = 0;

	assert_int_equal(pmt_groups_make(leaks, sites, &choice, &groups), 0);
	for (size_t i = 0; i < groups.count; i++) {
		const struct pmt_group *group = &groups.list[i];
		int j = 0;

		/* Parts that do not count are not given. */
		while (!together(by, &group->key, &alive[j].site))
			assert_in_range(++j, 0, OBJECTS - 1);
		assert_int_equal(group->key.type == PMT_NO_PART,
				 by != 0 && !(by & PMT_GROUP_TYPE));
		assert_int_equal(group->key.line == PMT_NO_PART, by != 0 &&
				 !(by & (PMT_GROUP_SITE | PMT_GROUP_LINE)));
		check_group(group, by, &alive[j]);
		live += group->live;
		if (i > 0) {
			assert_true(rank(group, order) <=
				    rank(group - 1, order));
			if (rank(group, order) == rank(group - 1, order) &&
			    rank(group, order) != INT64_MAX)
				assert_true(group->live <= group[-1].live);
		}
	}
	assert_int_equal(live, OBJECTS);
	assert_int_equal(groups.live, OBJECTS);
	free(groups.list);
}

static void
groups_are_those_of_a_plain_search(void **state)
{
	static const unsigned int kinds[] = {
		0, PMT_GROUP_TYPE, PMT_GROUP_SITE, PMT_GROUP_FILE,
		PMT_GROUP_FUNCTION, PMT_GROUP_LINE,
		PMT_GROUP_TYPE | PMT_GROUP_FILE,
		PMT_GROUP_TYPE | PMT_GROUP_FUNCTION,
	};
	static const enum pmt_order orders[] = {
		PMT_ORDER_DEFAULT, PMT_ORDER_BYTES, PMT_ORDER_MADE,
		PMT_ORDER_FIRST, PMT_ORDER_LAST,
	};

	(void)state;
	srandom(2);
	for (int i = 0; i < OBJECTS; i++) {
		struct pmt_site_text text;
		uint32_t site;

		text = (struct pmt_site_text){
			name('t', random() % NAMES),
			name('f', random() % NAMES),
			name('g', random() % NAMES),
			.line = (uint32_t)random() % NAMES,
		};
		assert_int_equal(pmt_sites_find(sites, &text, &site), 0);
		alive[i] = (struct alive){
			*pmt_sites_get(sites, site), random() % 100000,
			random() % 100,
		};
		put(PMT_ROW_NEW, 16 + (uint64_t)i, site, alive[i].clock,
		    alive[i].size);
	}
	for (size_t i = 0; i < PMT_ARRAY_SIZE(kinds); i++)
		for (size_t j = 0; j < PMT_ARRAY_SIZE(orders); j++)
			check_groups(kinds[i], orders[j]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_and_trend_are_those_of_the_objects),
		cmocka_unit_test(the_phase_of_a_saw_is_no_growth),
		cmocka_unit_test(the_axis_begins_where_imports_end),
		cmocka_unit_test_setup_teardown(
			groups_are_those_of_a_plain_search, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
