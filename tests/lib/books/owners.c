/* SPDX-License-Identifier: MIT */
/* Who holds the objects of a group, and whose parts they are. */
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

enum { COUNT = 40 };

/* COUNT objects of a type, one after the other, each of SIZE bytes. */
static void
make(const char *type, uint64_t address, int64_t size)
{
	char names[2][32] = { "", "file" };
	struct pmt_site_text text = {
		.file = { names[1], 4 }, .function = { names[1], 4 },
	};
	struct pmt_object former;
	struct pmt_event event = {
		.row = PMT_ROW_NEW, .size = size, .has = 1u << PMT_COLUMN_SIZE,
	};

	strcpy(names[0], type);
	text.type = (struct pmt_text){ names[0], strlen(type) };
	assert_int_equal(pmt_sites_find(sites, &text, &event.site), 0);
	for (int i = 0; i < COUNT; i++) {
		event.address = address + 16 * (uint64_t)i;
		event.clock = 1000 * i;
		assert_int_equal(pmt_leaks_add(leaks, &event, &former), 0);
	}
}

static bool
note(const char *text)
{
	return pmt_leaks_note(leaks, 0, (struct pmt_text){ text,
							   strlen(text) });
}

/* The Ith object at each of the addresses is held by that at the next. */
static void
note_chains(const char *first, const char *second, const char *third)
{
	char text[128], *end;

	for (unsigned int i = 0; i < COUNT; i++) {
		end = text + sprintf(text, "held so:");
		for (const char *const *part = (const char *const []){
			first, second, third, NULL }; *part != NULL; part++)
			end += sprintf(end, "%s%lx%s",
				       part[0] == first ? " " : "<",
				       strtoul(*part, NULL, 16) + 16 * i,
				       strchr(*part, '!') ? "!" : "");
		assert_true(note(text));
	}
}

static struct pmt_groups
groups(void)
{
	const struct pmt_choice choice = { .top = UINT64_MAX };
	struct pmt_groups result;

	assert_int_equal(pmt_groups_make(leaks, sites, &choice, &result), 0);
	return result;
}

static const struct pmt_group *
find(const struct pmt_groups *all, const char *type)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(pmt_sites_name(sites, all->list[i].key.type).bytes,
			   type) == 0)
			return &all->list[i];
	fail();
	return NULL;
}

/* A client has a list that has strings; the strings are the largest. */
static void
parts_come_behind_their_owners(void **state)
{
	struct pmt_groups all;
	const struct pmt_group *client;

	(void)state;
	make("Client", 0x10000, 100);
	make("list", 0x20000, 200);
	make("str", 0x30000, 9000);
	make("bytes", 0x40000, 400);
	assert_true(note("Who holds what is alive:"));
	assert_true(note("held: str: 40 by a[*].l[*] (of 1)"));
	note_chains("30000", "20000", "10000!");
	assert_true(note("held: list: 40 by a[*].l (of 40)"));
	note_chains("20000", "10000!", NULL);
	assert_true(note("held: Client: 40 by a[*] (of 40)"));
	note_chains("10000!", NULL, NULL);
	all = groups();
	client = &all.list[0];
	assert_ptr_equal(client, find(&all, "Client"));
	assert_string_equal(client->held_by, "a[*] (of 40)");
	assert_int_equal(client->held_count, COUNT);
	assert_int_equal(client->owner, PMT_NO_PART);
	assert_true(client->all_bytes == 9300.0 * COUNT);
	assert_false(pmt_group_is_part(client));
	assert_ptr_equal(&all.list[1], find(&all, "bytes"));
	assert_null(all.list[1].held_by);
	for (int i = 2; i < 4; i++) {
		assert_int_equal(all.list[i].owner, client->number);
		assert_true(pmt_group_is_part(&all.list[i]));
	}
	free(all.list);
}

/* Lists without an instance above them belong to the outermost. */
static void
parts_without_an_instance(void **state)
{
	struct pmt_groups all;

	(void)state;
	make("tuple", 0x10000, 100);
	make("list", 0x20000, 200);
	make("str", 0x30000, 300);
	assert_true(note("held: str: 40 by a"));
	note_chains("30000", "20000", "10000");
	all = groups();
	assert_int_equal(find(&all, "str")->owner,
			 find(&all, "tuple")->number);
	assert_int_equal(find(&all, "list")->owner, PMT_NO_PART);
	free(all.list);
}

/* An instance that another holds has a row of its own. */
static void
instances_are_no_parts(void **state)
{
	struct pmt_groups all;

	(void)state;
	make("Client", 0x10000, 100);
	make("Name", 0x20000, 900);
	assert_true(note("held: Name: 40 by a"));
	note_chains("20000!", "10000!", NULL);
	all = groups();
	assert_ptr_equal(&all.list[0], find(&all, "Client"));
	assert_int_equal(all.list[1].owner, all.list[0].number);
	assert_false(pmt_group_is_part(&all.list[1]));
	free(all.list);
}

/* Of two that hold each other only one can be the owner. */
static void
no_circles(void **state)
{
	struct pmt_groups all;
	const struct pmt_group *a, *b;

	(void)state;
	make("A", 0x10000, 100);
	make("B", 0x20000, 100);
	assert_true(note("held: A: 40 by a"));
	note_chains("10000!", "20000!", NULL);
	assert_true(note("held: B: 40 by a"));
	note_chains("20000!", "10000!", NULL);
	all = groups();
	a = find(&all, "A");
	b = find(&all, "B");
	assert_true((a->owner == b->number) != (b->owner == a->number));
	free(all.list);
}

/* Each round of such rows takes the place of the one before. */
static void
the_last_word_counts(void **state)
{
	struct pmt_groups all;

	(void)state;
	make("A", 0x10000, 100);
	assert_true(note("Who holds what is alive:"));
	assert_true(note("held: A: 40 by x"));
	note_chains("10000!", NULL, NULL);
	assert_true(note("Who holds what is alive:"));
	assert_true(note("held: A: 30 by y"));
	note_chains("10000!", NULL, NULL);
	all = groups();
	assert_string_equal(all.list[0].held_by, "y");
	assert_int_equal(all.list[0].held_count, 30);
	free(all.list);
}

static bool
note_at(int64_t clock, const char *text)
{
	return pmt_leaks_note(leaks, clock, (struct pmt_text){ text,
							       strlen(text) });
}

/* The rows of the COUNT objects at ADDRESS that are destroyed. */
static void
destroy(uint64_t address, int64_t clock)
{
	for (int i = 0; i < COUNT; i++) {
		const struct pmt_event event = {
			.row = PMT_ROW_DEL, .clock = clock,
			.address = address + 16 * (uint64_t)i,
		};
		struct pmt_object former;

		assert_int_equal(pmt_leaks_add(leaks, &event, &former), 0);
	}
}

static void
set_rss(int64_t clock, int64_t rss)
{
	struct pmt_object former;
	const struct pmt_event event = {
		.row = PMT_ROW_DEL, .clock = clock, .address = 16, .rss = rss,
		.has = 1u << PMT_COLUMN_RSS,
	};

	assert_int_equal(pmt_leaks_add(leaks, &event, &former), 0);
}

/* What held them is known, though by the end nothing is left to be held. */
static void
the_peak_has_holders_of_its_own(void **state)
{
	const struct pmt_choice choice = {
		.top = UINT64_MAX, .when = PMT_AT_PEAK,
	};
	struct pmt_groups all;

	(void)state;
	make("A", 0x10000, 100);
	assert_true(note_at(100000, "Looking who holds what is alive"));
	assert_true(note_at(110000, "Who holds what is alive:"));
	assert_true(note("held: A: 40 by loop[*]"));
	note_chains("10000!", NULL, NULL);
	set_rss(200000, 50 << 20);
	destroy(0x10000, 250000);
	set_rss(260000, 10 << 20);
	assert_true(note_at(300000, "Looking who holds what is alive"));
	assert_true(note_at(310000, "Who holds what is alive:"));
	all = groups();
	assert_int_equal(all.live, 0);
	free(all.list);
	assert_int_equal(pmt_groups_make(leaks, sites, &choice, &all), 0);
	assert_string_equal(all.list[0].held_by, "loop[*]");
	assert_int_equal(all.list[0].held_count, COUNT);
	assert_int_equal(pmt_leaks_held_at_peak(leaks)->clock, 100000);
	free(all.list);
}

/* What was made while somebody looked may be where another one was. */
static void
younger_objects_are_not_meant(void **state)
{
	struct pmt_groups all;

	(void)state;
	make("A", 0x10000, 100);
	assert_true(note_at(19000, "Looking who holds what is alive"));
	assert_true(note_at(50000, "Who holds what is alive:"));
	assert_true(note("held: A: 20 by x"));
	note_chains("10000!", NULL, NULL);
	all = groups();
	assert_int_equal(all.list[0].held_count, COUNT / 4);
	free(all.list);
}

static void
what_is_malformed_changes_nothing(void **state)
{
	static const char *const texts[] = {
		"held: ", "held: A", "held: A: ", "held: A: 1", "held: A: x",
		"held: A: 1 by", "held: A: -1 by x", "held so:", "held so: ",
		"held so: x", "held so: 10000<", "held so:10000",
		"held so: 1<2<3<4<5<6<7<8<9", "held so: fffffffffffffffff",
		"held so: !", "held so: <10000",
	};
	struct pmt_groups all;

	(void)state;
	make("A", 0x10000, 100);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(texts); i++)
		assert_true(note(texts[i]));
	assert_false(note("helder: A: 40 by x"));
	assert_true(note("held: A: 40 by x"));
	for (size_t i = 0; i < PMT_ARRAY_SIZE(texts); i++)
		if (strstr(texts[i], "10000") == NULL)
			assert_true(note(texts[i]));
	all = groups();
	assert_null(all.list[0].held_by);
	assert_int_equal(all.list[0].owner, PMT_NO_PART);
	free(all.list);
}

static void
growth_is_what_the_end_says(void **state)
{
	static const char path[] = "a['; its b grew from 1 to 2'].c[*]";
	struct pmt_held_growth growth;

	(void)state;
	assert_true(pmt_held_growth("a['; its b grew from 1 to 2'].c[*]; its "
				    "list c grew from 3 to 1500", &growth));
	assert_int_equal(growth.path, strlen(path));
	assert_int_equal(growth.what.length, 6);
	assert_memory_equal(growth.what.bytes, "list c", 6);
	assert_int_equal(growth.from, 3);
	assert_int_equal(growth.to, 1500);
	assert_false(pmt_held_growth("a[*] (of 5)", &growth));
	assert_false(pmt_held_growth("a[*]; its list grew from 3", &growth));
	assert_false(pmt_held_growth("a[*]; its list grew from 3 to 4]",
				     &growth));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_what_the_end_says),
		cmocka_unit_test_setup_teardown(parts_come_behind_their_owners,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(parts_without_an_instance,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(instances_are_no_parts,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_circles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_last_word_counts, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			the_peak_has_holders_of_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(younger_objects_are_not_meant,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_malformed_changes_nothing, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
