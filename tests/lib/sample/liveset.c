/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/statm.h"
#include "sample/liveset.h"

enum { GRANULES = 1 << 20 };

/* A plain array of flags is the oracle for random calls. */
static void
agrees_with_an_array(void **state)
{
	static const uintptr_t base = 0x7fff00000000;
	unsigned char *flag = calloc(GRANULES, 1);
	struct pmt_liveset set;

	(void)state;
	assert_int_equal(pmt_liveset_init(&set), 0);
	srandom(1);
	for (int i = 0; i < 2000000; i++) {
		size_t granule = (size_t)random() % GRANULES;
		uintptr_t address = base + 16 * granule;

		assert_int_equal(pmt_liveset_has(&set, address),
				 flag[granule]);
		if (random() % 2) {
			assert_int_equal(pmt_liveset_add(&set, address),
					 flag[granule]);
			flag[granule] = 1;
		} else {
			assert_int_equal(pmt_liveset_remove(&set, address),
					 flag[granule]);
			flag[granule] = 0;
		}
	}
	pmt_liveset_fini(&set);
	free(flag);
}

static uintptr_t visited[8];
static size_t visits;

static void
note_visit(uintptr_t address, void *arg)
{
	assert_in_range(visits, 0, 7);
	visited[visits++] = address;
	assert_true(pmt_liveset_remove(arg, address));
}

static void
visits_in_order_and_may_remove(void **state)
{
	const uintptr_t addresses[] = {
		0x10, 0x20, 0x555500000000, 0x5555ffffffF0, 0x7fffffffffe0,
	};
	struct pmt_liveset set;

	(void)state;
	assert_int_equal(pmt_liveset_init(&set), 0);
	for (size_t i = PMT_ARRAY_SIZE(addresses); i-- > 0; )
		assert_int_equal(pmt_liveset_add(&set, addresses[i]), 0);
	pmt_liveset_visit(&set, note_visit, &set);
	assert_int_equal(visits, PMT_ARRAY_SIZE(addresses));
	assert_memory_equal(visited, addresses, sizeof(addresses));
	for (size_t i = 0; i < PMT_ARRAY_SIZE(addresses); i++)
		assert_false(pmt_liveset_has(&set, addresses[i]));
	pmt_liveset_fini(&set);
}

static void
looks_near_an_address_at_once(void **state)
{
	const uintptr_t base = 0x7f0000080000;	/* where a leaf begins */
	struct pmt_liveset set;

	(void)state;
	assert_int_equal(pmt_liveset_init(&set), 0);
	for (uintptr_t member = base - 1024; member < base + 1024;
	     member += 16) {
		assert_int_equal(pmt_liveset_add(&set, member), 0);
		for (uintptr_t behind = 0; behind <= 32; behind += 16)
			assert_true(pmt_liveset_has_near(&set,
							 member - behind));
		assert_true(pmt_liveset_remove(&set, member));
		assert_false(pmt_liveset_has_near(&set, base + 512));
	}
	pmt_liveset_fini(&set);
}

/* Addresses far from each other: 40 GiB of them. */
static void
add_many(struct pmt_liveset *set)
{
	const uintptr_t base = 0x7f0000000000;

	for (uintptr_t i = 0; i < 256; i++)
		assert_int_equal(pmt_liveset_add(set, base + i * (160 << 20)),
				 0);
}

/* The first set brings in what code of ours was not in memory yet. */
static void
tells_what_it_touches(void **state)
{
	struct pmt_liveset sets[2];
	uint64_t before, after;
	size_t told;
	int fd = pmt_statm_open();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pmt_statm_read(&fd, &before), 0);
		assert_int_equal(pmt_liveset_init(&sets[i]), 0);
		add_many(&sets[i]);
		assert_int_equal(pmt_statm_read(&fd, &after), 0);
	}
	told = sets[1].bytes / (size_t)sysconf(_SC_PAGESIZE);
	/* Kernels before 6.16 count in batches. */
	assert_in_range(after - before, told - 64, told + 64);
	assert_in_range(told, 256, 1024);
	pmt_liveset_fini(&sets[1]);
	pmt_liveset_fini(&sets[0]);
	pmt_statm_close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_an_array),
		cmocka_unit_test(visits_in_order_and_may_remove),
		cmocka_unit_test(looks_near_an_address_at_once),
		cmocka_unit_test(tells_what_it_touches),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
