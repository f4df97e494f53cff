/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "books/objects.h"

enum { PLACES = 5000, STEPS = 300000 };

/* What each address holds, kept the simple way: a site, 0 for nobody. */
static uint64_t addresses[PLACES];
static uint32_t sites[PLACES];

static void
put(struct pmt_objects *objects, int place, uint32_t site)
{
	bool is_new;
	struct pmt_object *object = pmt_objects_put(objects, addresses[place],
						    &is_new);

	assert_non_null(object);
	assert_int_equal(is_new, sites[place] == 0);
	assert_int_equal(object->address, addresses[place]);
	if (!is_new)
		assert_int_equal(object->site, sites[place]);
	object->site = sites[place] = site;
}

static void
take(struct pmt_objects *objects, int place)
{
	struct pmt_object former;

	pmt_objects_expect(objects, addresses[place]);
	assert_int_equal(pmt_objects_take(objects, addresses[place], &former),
			 sites[place] != 0);
	if (sites[place] == 0)
		return;
	assert_int_equal(former.address, addresses[place]);
	assert_int_equal(former.site, sites[place]);
	sites[place] = 0;
}

static void
assert_listed(const struct pmt_objects *objects)
{
	const struct pmt_object *object = NULL;
	uint64_t listed = 0, sum = 0, expected = 0, expected_sum = 0;

	while ((object = pmt_objects_next(objects, object)) != NULL) {
		listed++;
		sum += object->address * object->site;
	}
	for (int i = 0; i < PLACES; i++) {
		expected += sites[i] != 0;
		expected_sum += addresses[i] * sites[i];
	}
	assert_int_equal(listed, expected);
	assert_int_equal(sum, expected_sum);
}

/* Objects come and go: first more come, later more go, until none is left. */
static void
churn(uint64_t (*address)(uint64_t i))
{
	struct pmt_objects objects;

	srandom(1);
	memset(sites, 0, sizeof(sites));
	for (int i = 0; i < PLACES; i++)
		addresses[i] = address((uint64_t)i);
	assert_int_equal(pmt_objects_init(&objects), 0);
	assert_null(pmt_objects_next(&objects, NULL));
	for (int i = 0; i < STEPS; i++) {
		int place = (int)(random() % PLACES);

		if (random() % STEPS > i)
			put(&objects, place, (uint32_t)i + 1);
		else
			take(&objects, place);
		if (i % 10000 == 0)
			assert_listed(&objects);
	}
	for (int i = 0; i < PLACES; i++)
		take(&objects, i);
	assert_null(pmt_objects_next(&objects, NULL));
	pmt_objects_fini(&objects);
}

static uint64_t
side_by_side(uint64_t i)
{
	return 0x7f0000000000 + 48 * i;
}

static uint64_t
byte_by_byte(uint64_t i)
{
	return i + 1;
}

static uint64_t
far_apart(uint64_t i)
{
	return (i + 1) << 45 | i;
}

/* Differ in bits that a table of any size leaves out. */
static uint64_t
highest_bits(uint64_t i)
{
	return (i + 1) << 51;
}

static void
finds_what_was_put(void **state)
{
	(void)state;
	churn(side_by_side);
	churn(byte_by_byte);
	churn(far_apart);
	churn(highest_bits);
}

static void
room_is_used_again(void **state)
{
	struct pmt_objects objects;
	struct pmt_object former;
	bool is_new;

	(void)state;
	assert_int_equal(pmt_objects_init(&objects), 0);
	for (uint64_t i = 1; i <= 1000000; i++) {
		assert_non_null(pmt_objects_put(&objects, i << 4, &is_new));
		assert_true(is_new);
		if (i > 10)
			assert_true(pmt_objects_take(&objects, (i - 10) << 4,
						     &former));
	}
	assert_in_range(objects.room, 11, 1024);
	assert_in_range(objects.mask, 10, 1023);
	pmt_objects_fini(&objects);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_put),
		cmocka_unit_test(room_is_used_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
