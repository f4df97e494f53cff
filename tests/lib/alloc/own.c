/* SPDX-License-Identifier: MIT */
/* Tables of the preloaded library beside an array; lines of three Pythons. */
#include <config.h>

#include "alloc/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc/lines.h"

enum { KEYS = 5000, STEPS = 300000, PAGES = 64 };

static void
test_idmap_against_an_array(void **state)
{
	uint64_t values[KEYS] = { 0 };
	struct pmt_idmap map;
	uint32_t count = 0;

	(void)state;
	srand(3);
	assert_int_equal(pmt_idmap_init(&map), 0);
	for (int step = 0; step < STEPS; step++) {
		uint64_t i = (uint64_t)rand() % KEYS, key = (i + 1) << 12;
		struct pmt_idslot *slot = pmt_idmap_find(&map, key);

		assert_int_equal(slot->key, values[i] != 0 ? key : 0);
		if (values[i] != 0) {
			assert_int_equal(slot->value, values[i]);
			pmt_idmap_remove(&map, slot);
			values[i] = 0;
			count--;
		} else {
			values[i] = (uint64_t)step + 1;
			assert_non_null(pmt_idmap_add(&map, key, values[i]));
			count++;
		}
		assert_int_equal(map.used, count);
	}
	pmt_idmap_clear(&map);
	assert_int_equal(pmt_idmap_find(&map, 1 << 12)->key, 0);
}

/* Zeroes, without a page of memory for them. */
static void
test_clear(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char resident[PAGES], *memory = pmt_own_get(PAGES * page);

	(void)state;
	assert_non_null(memory);
	memset(memory, 1, PAGES * page);
	assert_int_equal(mincore(memory, PAGES * page, resident), 0);
	assert_int_equal(resident[PAGES - 1] & 1, 1);
	pmt_own_clear(memory, PAGES * page);
	assert_int_equal(mincore(memory, PAGES * page, resident), 0);
	for (size_t i = 0; i < PAGES; i++)
		assert_int_equal(resident[i] & 1, 0);
	for (size_t i = 0; i < PAGES * page; i++)
		assert_int_equal(memory[i], 0);
	memset(memory, 1, PAGES * page);
	/* Of locked pages none may go: these are cleared in place. */
	if (mlock(memory, page) == 0) {
		pmt_own_clear(memory, PAGES * page);
		for (size_t i = 0; i < PAGES * page; i++)
			assert_int_equal(memory[i], 0);
	}
	pmt_own_put(memory, PAGES * page);
}

static uint32_t
line(enum pmt_line_table kind, const char *table, size_t size,
     uint64_t offset)
{
	return pmt_line_at(kind, 100, (const uint8_t *)table, size, offset);
}

/* Tables as the interpreters wrote them, or cut short. */
static void
test_lines(void **state)
{
	static const char notab[] = "\x00\x01\x08\x02\x04\xff";
	static const char pairs[] = "\x04\x01\x06\x80\x08\xfe";
	/* One line further, 2 units; none; 2 lines back in a long entry. */
	static const char locations[] = "\xd9\x00\x00\xf8\xe8\x05\x00\x01\x01";

	(void)state;
	assert_int_equal(line(PMT_LINES_NOTAB, notab, 6, 0), 101);
	assert_int_equal(line(PMT_LINES_NOTAB, notab, 6, 7), 101);
	assert_int_equal(line(PMT_LINES_NOTAB, notab, 6, 8), 103);
	assert_int_equal(line(PMT_LINES_NOTAB, notab, 6, 99), 102);
	assert_int_equal(line(PMT_LINES_PAIRS, pairs, 6, 3), 101);
	assert_int_equal(line(PMT_LINES_PAIRS, pairs, 6, 4), 100);
	assert_int_equal(line(PMT_LINES_PAIRS, pairs, 6, 12), 99);
	assert_int_equal(line(PMT_LINES_LOCATIONS, locations, 9, 0), 101);
	assert_int_equal(line(PMT_LINES_LOCATIONS, locations, 9, 4), 100);
	assert_int_equal(line(PMT_LINES_LOCATIONS, locations, 9, 6), 99);
	for (size_t size = 0; size < 9; size++)
		(void)line(PMT_LINES_LOCATIONS, locations, size, 50);
	assert_int_equal(line(PMT_LINES_LOCATIONS, "", 0, 0), 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idmap_against_an_array),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_lines),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
