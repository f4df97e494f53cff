/* SPDX-License-Identifier: MIT */
/* Groups of live objects, and which of them pmt-analyse(1) calls growing. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "books/leakgroups.h"

enum { MOMENTS = PMT_GROUP_SAMPLES };

static struct pmt_sites *sites;
static struct pmt_leaks *leaks;

static int
set_up(void **state)
{
	(void)state;
	sites = pmt_sites_new();
	leaks = pmt_leaks_new(0, false);
	return sites == NULL || leaks == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	pmt_sites_free(sites);
	pmt_leaks_free(leaks);
	return 0;
}

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

/* As the manual says it. */
static bool
grows(const int64_t *count)
{
	int64_t highest = 0, highest_in_first_half = 0;
	int rose = 0;

	for (int i = 0; i < MOMENTS; i++)
		if (highest < count[i])
			highest = count[i];
	for (int i = 0; i < 8; i++)
		if (highest_in_first_half < count[i])
			highest_in_first_half = count[i];
	for (int i = MOMENTS - 8; i < MOMENTS; i++)
		rose += count[i] > count[i - 1];
	return count[MOMENTS - 1] == highest &&
	       highest_in_first_half < count[MOMENTS - 1] && rose >= 3;
}

/* What the books make of a number of objects that changes so. */
static bool
found_growing(const int64_t *count)
{
	/* The axis begins with 32 steps of 1024 ns: two a moment. */
	const int64_t moment = 2048;
	const struct pmt_choice choice = { 0 };
	struct pmt_groups groups;
	uint32_t site;
	int64_t live = 0;
	bool growing;

	set_up(NULL);
	assert_int_equal(pmt_sites_find(sites, name('t', 1), name('f', 1), 1,
					name('g', 1), &site), 0);
	/* Somebody else is the first one. */
	put(PMT_ROW_DEL, 1, site, 0, 0);
	for (int i = 0; i < MOMENTS; i++) {
		for (; live < count[i]; live++)
			put(PMT_ROW_NEW, 100 + (uint64_t)live, site,
			    i * moment + 1500, 1);
		for (; live > count[i]; live--)
			put(PMT_ROW_DEL, 100 + (uint64_t)live - 1, site,
			    i * moment + 1500, 1);
	}
	put(PMT_ROW_DEL, 1, site, MOMENTS * moment - 1, 0);
	assert_int_equal(pmt_groups_make(leaks, sites, &choice, &groups), 0);
	assert_int_equal(groups.count, 1);
	assert_memory_equal(groups.list[0].samples, count,
			    sizeof(groups.list[0].samples));
	growing = groups.list[0].growing;
	free(groups.list);
	tear_down(NULL);
	return growing;
}

static void
growing_is_what_the_manual_says(void **state)
{
	static const struct {
		int64_t count[MOMENTS];
		bool growing;
	} table[] = {
		/* In one leap; in two, in three. */
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9 }, false },
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 9 }, false },
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 9 }, true },
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 8, 8, 8, 8, 8, 9 }, true },
		/* One of the three was too early. */
		{ { 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 8, 8, 8, 8, 8, 9 }, false },
		/* Higher before the end, and just as high. */
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 9, 9, 9, 9, 8 }, false },
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 9, 9, 9, 9, 9 }, true },
		{ { 0, 0, 0, 0, 0, 0, 0, 9, 5, 6, 7, 8, 8, 8, 8, 9 }, false },
		{ { 0, 0, 0, 0, 0, 0, 0, 8, 5, 6, 7, 8, 8, 8, 8, 9 }, true },
		{ { 9, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 8, 8, 8, 9 }, false },
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 9, 6, 7, 8, 8, 8, 8, 9 }, true },
		/* Always, and never. */
		{ { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
		  true },
		{ { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 }, false },
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(table); i++) {
		assert_int_equal(grows(table[i].count), table[i].growing);
		assert_int_equal(found_growing(table[i].count),
				 table[i].growing);
	}
}

static void
growing_of_random_steps(void **state)
{
	int growing = 0;

	(void)state;
	srandom(1);
	for (int run = 0; run < 2000; run++) {
		int64_t count[MOMENTS], now = random() % 4;

		for (int i = 0; i < MOMENTS; i++) {
			long step = random() % 8;

			now += step < 5 ? 0 : step == 5 && now > 0 ? -1 : 1;
			count[i] = now;
		}
		if (now == 0)
			continue;
		assert_int_equal(found_growing(count), grows(count));
		growing += grows(count);
	}
	/* Neither answer is rare. */
	assert_in_range(growing, 300, 1700);
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
			if (rank(group, order) == rank(group - 1, order))
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
		uint32_t site;

		assert_int_equal(pmt_sites_find(
			sites, name('t', random() % NAMES),
			name('f', random() % NAMES),
			(uint32_t)random() % NAMES,
			name('g', random() % NAMES), &site), 0);
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
		cmocka_unit_test(growing_is_what_the_manual_says),
		cmocka_unit_test(growing_of_random_steps),
		cmocka_unit_test_setup_teardown(
			groups_are_those_of_a_plain_search, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
