/* SPDX-License-Identifier: MIT */
/* What one log tells of objects is what another one's reader finds in it. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/common.h"
#include "books/told.h"

/* A name as logs have it, with what pmt_sites_find() reads past its end. */
#define NAME(text) { text "\0\0\0\0\0\0\0\0", sizeof(text) - 1 }

struct reader {
	struct pmt_sites *sites;
	struct pmt_told told[2];
	int rows;
};

static void
read_row(void *arg, const char *text, size_t size)
{
	struct reader *reader = arg;

	reader->rows++;
	assert_true(pmt_told_note(reader->told, reader->sites,
				  (struct pmt_text){ text, size }));
}

static void
close_reader(struct reader *reader)
{
	pmt_told_fini(&reader->told[PMT_AT_END]);
	pmt_told_fini(&reader->told[PMT_AT_PEAK]);
	pmt_sites_free(reader->sites);
}

static struct pmt_site
find_site(struct pmt_sites *sites, const struct pmt_site_text *text)
{
	uint32_t number;

	assert_int_equal(pmt_sites_find(sites, text, &number), 0);
	return *pmt_sites_get(sites, number);
}

static void
assert_name(const struct pmt_sites *sites, uint32_t name, const char *text)
{
	assert_string_equal(pmt_sites_name(sites, name).bytes, text);
}

/* A blank, an equals sign, a colon and a comma in names do no harm. */
static void
test_round_trip(void **state)
{
	static const struct pmt_site_text texts[] = {
		{ .type = NAME("m.A=B"), .file = NAME("/a\\040b,c=d.py"),
		  .function = NAME("f"), .line = 12,
		  .own = { .kind = PMT_OWN_CALLER, .line = 7,
			   .file = NAME("/c:d.py"), .function = NAME("g") } },
		{ .type = NAME("t"), .file = NAME("<frozen\\040x>"),
		  .function = NAME("\\"), .line = 1,
		  .own = { .kind = PMT_OWN_IMPORTED } },
	};
	struct reader reader = { .sites = pmt_sites_new() };
	struct pmt_sites *sites = pmt_sites_new();
	struct pmt_group list[2] = {
		{ .live = 5000, .made = 6000, .bytes = 1 << 20,
		  .all_bytes = 3e6, .growing = true, .instances = true,
		  .first = 10, .last = 90, .held_count = 4999,
		  .number = 7, .owner = PMT_NO_PART,
		  .held_by = "m.KEPT{'a b'} (of 5000)" },
		{ .live = 1, .made = 1, .bytes = 16, .number = 9,
		  .owner = 7 },
	};
	const struct pmt_told told = {
		.sizes = true, .narrow = true, .clock = 123, .books = 456,
		.groups = { .list = list, .count = 2, .growing = 1,
			    .live = 5001, .bytes = (1 << 20) + 16 },
	};
	const struct pmt_told *read = &reader.told[PMT_AT_PEAK];

	(void)state;
	for (int i = 0; i < 2; i++)
		list[i].key = find_site(sites, &texts[i]);
	for (int i = 0; i < PMT_TREND_MOMENTS; i++)
		list[0].moments[i] = 100 * i;
	assert_int_equal(pmt_told_write(&told, PMT_AT_PEAK, sites, read_row,
					&reader), 0);
	assert_int_equal(reader.rows, 3);
	assert_false(reader.told[PMT_AT_END].known);
	assert_true(read->known && read->sizes && read->narrow);
	assert_int_equal(read->clock, 123);
	assert_int_equal(read->books, 456);
	assert_int_equal(read->groups.growing, 1);
	assert_int_equal(read->groups.live, 5001);
	assert_int_equal(read->groups.count, 2);
	for (int i = 0; i < 2; i++) {
		struct pmt_group *group = &read->groups.list[i];

		assert_int_equal(group->live, list[i].live);
		assert_int_equal(group->made, list[i].made);
		assert_int_equal(group->bytes, list[i].bytes);
		assert_int_equal(group->growing, list[i].growing);
		assert_int_equal(group->instances, list[i].instances);
		assert_int_equal(group->last, list[i].last);
		assert_int_equal(group->key.line, list[i].key.line);
		assert_int_equal(group->key.imports, list[i].key.imports);
		assert_memory_equal(group->moments, list[i].moments,
				    sizeof(group->moments));
	}
	assert_name(reader.sites, read->groups.list[0].key.type, "m.A=B");
	assert_name(reader.sites, read->groups.list[0].key.file,
		    "/a b,c=d.py");
	assert_name(reader.sites, read->groups.list[0].key.own_file,
		    "/c:d.py");
	assert_int_equal(read->groups.list[0].key.own_line, 7);
	assert_int_equal(read->groups.list[0].held_count, 4999);
	assert_string_equal(read->groups.list[0].held_by,
			    "m.KEPT{'a b'} (of 5000)");
	assert_null(read->groups.list[1].held_by);
	assert_int_equal(read->groups.list[0].owner, PMT_NO_PART);
	assert_int_equal(read->groups.list[1].owner,
			 read->groups.list[0].number);
	assert_int_equal(read->groups.list[1].key.own_file, PMT_NO_PART);
	pmt_sites_free(sites);
	close_reader(&reader);
}

static bool
note(struct reader *reader, const char *text)
{
	return pmt_told_note(reader->told, reader->sites,
			     (struct pmt_text){ text, strlen(text) });
}

static void
test_rows_of_any_kind(void **state)
{
	struct reader reader = { .sites = pmt_sites_new() };
	const struct pmt_groups *groups = &reader.told[PMT_AT_END].groups;

	(void)state;
	assert_false(note(&reader, ""));
	assert_false(note(&reader, "Objects"));
	assert_false(note(&reader, "Memory at end: rss=1"));
	/* No heading came before: whose group is it? */
	assert_true(note(&reader, "Group at the end: live=1 type=a file=b "
			 "function=c line=1 own=-"));
	assert_false(reader.told[PMT_AT_END].known);
	assert_true(note(&reader, "Objects at the end:"));
	assert_true(note(&reader, "Group at the end:"));
	assert_true(note(&reader, "Group at the end: type= file=b function=c"));
	assert_true(note(&reader, "Group at the end: type=a file=b function=c "
			 "own=x"));
	assert_int_equal(groups->count, 0);
	assert_true(note(&reader, "Group at the end: live=-1 made=x "
			 "bytes=99999999999999999999 history=1,2,,x type=a "
			 "file=b function=c line=-1 own=. held=x"));
	assert_int_equal(groups->count, 1);
	assert_int_equal(groups->list[0].live, 0);
	assert_null(groups->list[0].held_by);
	for (int i = 0; i < 1000; i++)
		assert_true(note(&reader, "Group at the end: type=a file=b "
				 "function=c own=- held=1 by d"));
	assert_true(groups->count < 1000);
	/* Told again, all is new. */
	assert_true(note(&reader, "Objects at the end: live=-5 clock=3"));
	assert_int_equal(groups->count, 0);
	assert_int_equal(groups->live, 0);
	assert_int_equal(reader.told[PMT_AT_END].clock, 3);
	close_reader(&reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_rows_of_any_kind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
