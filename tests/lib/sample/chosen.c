/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/common.h"
#include "sample/chosen.h"

enum { COUNT = 200000, KEYS = 60 };

static unsigned int
count_chosen(uint64_t key, uint64_t sample, unsigned int stride)
{
	uint64_t bound = pmt_chosen_bound(sample);
	unsigned int count = 0;

	for (uint64_t i = 0; i < COUNT; i++)
		count += pmt_is_chosen(0x7f1234560010u + i * stride, key,
				       bound);
	return count;
}

static void
test_all(void **state)
{
	(void)state;
	assert_int_equal(pmt_chosen_bound(1), PMT_CHOSEN_ALL);
	assert_int_equal(count_chosen(pmt_chosen_key(), 1, 16), COUNT);
}

static uint64_t
key_of(uint64_t number)
{
	number *= 0x9e3779b97f4a7c15u;
	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u;
	number = (number ^ number >> 27) * 0x94d049bb133111ebu;
	return (number ^ number >> 31) | 1;
}

/*
 * Whatever lies at equal distances, 1 in N is as it would be by lot, with any
 * key: a lot is off by six standard deviations once in 10⁹ times.
 */
static void
test_share(void **state)
{
	static const unsigned int strides[] = { 16, 32, 48, 64, 240, 4096 };
	static const unsigned int samples[] = { 2, 50, 1000 };

	(void)state;
	for (size_t s = 0; s < PMT_ARRAY_SIZE(samples); s++)
		for (size_t i = 0; i < PMT_ARRAY_SIZE(strides); i++) {
			double share = 1.0 / samples[s], squares = 0;
			double variance = COUNT * share * (1 - share);

			for (uint64_t k = 1; k <= KEYS; k++) {
				double off = count_chosen(key_of(k), samples[s],
							  strides[i]) -
					     COUNT * share;

				assert_true(off * off < 36 * variance);
				squares += off * off;
			}
			assert_true(squares / KEYS < 2 * variance);
		}
}

static void
test_nested(void **state)
{
	uint64_t key = pmt_chosen_key();

	(void)state;
	assert_int_equal(key & 1, 1);
	assert_int_equal(key, pmt_chosen_key());
	for (uintptr_t address = 16; address < 1 << 20; address += 16)
		if (pmt_is_chosen(address, key, pmt_chosen_bound(100)))
			assert_true(pmt_is_chosen(address, key,
						  pmt_chosen_bound(10)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_nested),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
