/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log/memory.h"

static uint64_t
some(void)
{
	return random() % 4 == 0 ? PMT_MEMORY_UNKNOWN : (uint64_t)random();
}

static void
what_was_written_is_read(void **state)
{
	(void)state;
	srandom(1);
	for (int i = 0; i < 2000; i++) {
		enum pmt_moment moment = (enum pmt_moment)(random() % 3), read;
		struct pmt_memory memory, found;
		char text[1024];
		int n;

		pmt_memory_init(&memory);
		memory.rss = (uint64_t)random();
		memory.anonymous = some();
		memory.file = some();
		memory.shared = some();
		memory.peak_rss = some();
		memory.pss = some();
		memory.private = some();
		memory.inherited = some();
		memory.python_used = some();
		memory.python_free = some();
		memory.c_used = some();
		memory.c_mapped = some();
		memory.c_free = some();
		if (random() % 2)
			strcpy(memory.allocator, "glibc");
		n = pmt_memory_format(&memory, moment, text, sizeof(text));
		assert_in_range(n, 1, sizeof(text) - 1);
		assert_true(pmt_memory_parse((struct pmt_text){
			text, (size_t)n }, &found, &read));
		assert_int_equal(read, moment);
		assert_true(found.rss == memory.rss);
		assert_true(found.anonymous == memory.anonymous);
		assert_true(found.file == memory.file);
		assert_true(found.shared == memory.shared);
		assert_true(found.peak_rss == memory.peak_rss);
		assert_true(found.pss == memory.pss);
		assert_true(found.private == memory.private);
		assert_true(found.inherited == memory.inherited);
		assert_true(found.python_used == memory.python_used);
		assert_true(found.python_free == memory.python_free);
		assert_true(found.c_used == memory.c_used);
		assert_true(found.c_mapped == memory.c_mapped);
		assert_true(found.c_free == memory.c_free);
		assert_string_equal(found.allocator, memory.allocator);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
