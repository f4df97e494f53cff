/* SPDX-License-Identifier: MIT */
/* native.c - native frames are those that the C library sees. */
#include <config.h>

#include "alloc/native.h"

#include <alloca.h>
#include <execinfo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc/names.h"
#include "alloc/sink.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

enum { DEEPEST = 400, EVENTS = 30000 };

static struct pmt_native native;
static uint32_t random_state = 1;
static long events, wrong;

static uint32_t
draw(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

/* Without the signature that some processors add. */
static uintptr_t
bare(uintptr_t pc)
{
	return pc & UINT64_C(0x0000ffffffffffff);
}

/* Compare from our caller outwards. */
static __attribute__((noinline)) void
look(void)
{
	void *seen[2 * DEEPEST];
	int count = backtrace(seen, 2 * DEEPEST);

	pmt_native_node(&native, 0);
	events++;
	if (count != (int)native.depth) {
		wrong++;
		return;
	}
	for (int i = 1; i < count; i++)
		wrong += bare(native.kept[count - 1 - i].pc) !=
			 (uintptr_t)seen[i];
}

static void go_on(int depth);

static __attribute__((noinline)) void
plain(int depth)
{
	volatile char bytes[24];

	bytes[0] = (char)depth;
	go_on(depth - 1);
	bytes[1] = bytes[0];
}

/* Its frame has a size that no table knows. */
static __attribute__((noinline)) void
of_any_size(int depth)
{
	volatile char *bytes = alloca(draw(500) + 1);

	bytes[0] = (char)depth;
	go_on(depth - 1);
	bytes[0]++;
}

/* Its CFA is told by an expression. */
static __attribute__((noinline)) void
aligned(int depth)
{
	volatile char wide[128] __attribute__((aligned(64)));
	volatile char *bytes = alloca(draw(500) + 1);

	bytes[0] = wide[depth % 128] = (char)depth;
	go_on(depth - 1);
	wide[0] = bytes[0];
}

static jmp_buf back[31];

static __attribute__((noinline)) void
jumping(int depth)
{
	if (setjmp(back[depth]) == 0 && depth > 1) {
		volatile char *bytes = alloca(draw(100) + 1);

		bytes[0] = 0;
		jumping(depth - 1);
		bytes[0]++;
	}
	look();
	if (depth == 1)
		longjmp(back[draw(30) + 1], 1);
}

static int
compare(const void *a, const void *b)
{
	look();
	return *(const int *)a - *(const int *)b;
}

/* Through code of the C library. */
static __attribute__((noinline)) void
sorting(int depth)
{
	int numbers[] = { 3, 1, 2 };

	qsort(numbers, 3, sizeof(int), compare);
	go_on(depth - 1);
}

static void
go_on(int depth)
{
	static void (*const functions[])(int) = {
		plain, of_any_size, aligned, sorting, plain,
	};

	do {
		look();
		if (depth > 0 && events < EVENTS)
			functions[draw(5)](depth > 2 ? depth - (int)draw(3)
						     : depth);
	} while (draw(3) != 0 && events < EVENTS);
}

static void
sees_what_backtrace_sees(void **state)
{
	(void)state;
	while (events < EVENTS)
		go_on(DEEPEST / 4);
	assert_int_equal(wrong, 0);
	assert_in_range(events, EVENTS, 2 * EVENTS);
}

static void
jumps_over_frames(void **state)
{
	(void)state;
	events = 0;
	for (int i = 0; i < 500; i++)
		jumping(30);
	assert_int_equal(wrong, 0);
}

static __attribute__((noinline)) int
recurse(int depth)
{
	volatile char bytes[16];

	bytes[0] = 1;
	if (depth == 0) {
		pmt_native_node(&native, 0);
		return 0;
	}
	return recurse(depth - 1) + bytes[0];
}

static void
is_bounded(void **state)
{
	(void)state;
	assert_int_equal(recurse(100000), 100000);
	assert_in_range(native.depth, 60000, 100000);
	look();
	assert_int_equal(wrong, 0);
}

static int
set_up(void **state)
{
	(void)state;
	if (pmt_names_init(true) < 0 || pmt_sink_open_memory() < 0)
		return -1;
	/* Elsewhere it says so, and pmt-run too. */
	return pmt_native_init() == NULL ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_what_backtrace_sees),
		cmocka_unit_test(jumps_over_frames),
		cmocka_unit_test(is_bounded),
	};

#ifdef SANITIZED
	puts("1..0 # SKIP a sanitizer answers for backtrace(), and its frames "
	     "fill the stack");
	return 0;
#endif
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
