/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/pointermap.h"

enum { KEYS = 5000, CALLS = 500000 };

/* Neighbours as an allocator gives them, so that many keys collide. */
static const void *
key_of(size_t i)
{
	return (const void *)(UINT64_C(0x7f0000000000) + 208 * i);
}

/* A plain array is the oracle for random calls. */
static void
agrees_with_an_array(void **state)
{
	static void *values[KEYS];
	struct pmt_pointermap map;
	size_t count = 0;

	(void)state;
	assert_int_equal(pmt_pointermap_init(&map), 0);
	srandom(1);
	for (int i = 0; i < CALLS; i++) {
		size_t k = (size_t)random() % KEYS;
		void *value = &values[random() % KEYS];

		assert_ptr_equal(pmt_pointermap_get(&map, key_of(k)),
				 values[k]);
		if (random() % 2) {
			assert_int_equal(pmt_pointermap_put(&map, key_of(k),
							    value), 0);
			count += values[k] == NULL;
			values[k] = value;
		} else {
			assert_ptr_equal(pmt_pointermap_remove(&map,
							       key_of(k)),
					 values[k]);
			count -= values[k] != NULL;
			values[k] = NULL;
		}
		assert_int_equal(map.count, count);
	}
	for (size_t k = 0; k < KEYS; k++)
		assert_ptr_equal(pmt_pointermap_get(&map, key_of(k)),
				 values[k]);
	pmt_pointermap_fini(&map);
}

/* However many come and go, it grows with those that are in. */
static void
stays_small(void **state)
{
	struct pmt_pointermap map;
	char value;

	(void)state;
	assert_int_equal(pmt_pointermap_init(&map), 0);
	for (size_t i = 0; i < 100000; i++) {
		assert_int_equal(pmt_pointermap_put(&map, key_of(i), &value),
				 0);
		if (i >= 50)
			assert_ptr_equal(
				pmt_pointermap_remove(&map, key_of(i - 50)),
				&value);
	}
	assert_int_equal(map.count, 50);
	assert_true(map.mask < 1024);
	pmt_pointermap_fini(&map);
}

static void
ends_twice(void **state)
{
	struct pmt_pointermap map = { 0 };

	(void)state;
	pmt_pointermap_fini(&map);
	assert_int_equal(pmt_pointermap_init(&map), 0);
	assert_null(pmt_pointermap_remove(&map, key_of(1)));
	pmt_pointermap_fini(&map);
	pmt_pointermap_fini(&map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_an_array),
		cmocka_unit_test(stays_small),
		cmocka_unit_test(ends_twice),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
