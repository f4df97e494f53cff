/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/capture.h"

static void
takes_what_this_thread_prints(void **state)
{
	struct pmt_capture capture;
	FILE *before = stderr;

	(void)state;
	assert_int_equal(pmt_capture_begin(&capture), 0);
	fprintf(stderr, "%5u %s", 7u, "blocks");
	fputc('\n', stderr);
	assert_int_equal(pmt_capture_end(&capture), 0);
	assert_int_equal(capture.size, 13);
	assert_memory_equal(capture.text, "    7 blocks\n", 13);
	assert_ptr_equal(stderr, before);
	free(capture.text);
}

static void
nothing_printed_is_nothing_taken(void **state)
{
	struct pmt_capture capture;

	(void)state;
	assert_int_equal(pmt_capture_begin(&capture), 0);
	assert_int_equal(pmt_capture_end(&capture), 0);
	assert_int_equal(capture.size, 0);
	assert_null(capture.text);
}

static void
does_not_nest(void **state)
{
	struct pmt_capture capture, inner;

	(void)state;
	assert_int_equal(pmt_capture_begin(&capture), 0);
	assert_int_equal(pmt_capture_begin(&inner), -EBUSY);
	assert_int_equal(pmt_capture_end(&capture), 0);
}

static void
long_text_stays_whole(void **state)
{
	struct pmt_capture capture;
	size_t size = 0;

	(void)state;
	assert_int_equal(pmt_capture_begin(&capture), 0);
	for (int i = 0; i < 10000; i++)
		size += (size_t)fprintf(stderr, "%d of many lines\n", i);
	assert_int_equal(pmt_capture_end(&capture), 0);
	assert_int_equal(capture.size, size);
	assert_memory_equal(capture.text + size - 5, "ines\n", 5);
	free(capture.text);
}

enum { LINES = 2000, THREADS = 4 };

static void *
print_lines(void *unused)
{
	for (int i = 0; i < LINES; i++)
		fprintf(stderr, "other thread, line %d\n", i);
	return unused;
}

static void *
capture_lines(void *unused)
{
	for (int i = 0; i < LINES; i++) {
		struct pmt_capture capture;
		char expect[32];
		int length = snprintf(expect, sizeof(expect), "mine %d", i);

		if (pmt_capture_begin(&capture) != 0)
			return (void *)(uintptr_t)"cannot begin";
		fprintf(stderr, "mine %d", i);
		if (pmt_capture_end(&capture) != 0)
			return (void *)(uintptr_t)"cannot end";
		if (capture.size != (size_t)length ||
		    memcmp(capture.text, expect, capture.size) != 0)
			return (void *)(uintptr_t)"wrong text";
		free(capture.text);
	}
	return unused;
}

/* Count the lines in a file, all of which must be print_lines()'s. */
static int
count_lines(FILE *file)
{
	char line[64];
	int lines = 0;

	rewind(file);
	for (; fgets(line, sizeof(line), file) != NULL; lines++)
		assert_memory_equal(line, "other thread, line ", 19);
	return lines;
}

static void
set_stderr(FILE *file)
{
#ifdef __GLIBC__
	stderr = file;
#else
	(void)file;
#endif
}

static void
other_threads_lose_nothing(void **state)
{
	pthread_t printers[THREADS], capturers[THREADS];
	FILE *file = tmpfile(), *before = stderr;

	(void)state;
	assert_non_null(file);
	set_stderr(file);
	for (int i = 0; i < THREADS; i++) {
		pthread_create(&printers[i], NULL, print_lines, NULL);
		pthread_create(&capturers[i], NULL, capture_lines, NULL);
	}
	for (int i = 0; i < THREADS; i++) {
		void *message;

		pthread_join(printers[i], NULL);
		pthread_join(capturers[i], &message);
		assert_null(message);
	}
	assert_ptr_equal(stderr, file);
	set_stderr(before);
	assert_int_equal(count_lines(file), THREADS * LINES);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_this_thread_prints),
		cmocka_unit_test(nothing_printed_is_nothing_taken),
		cmocka_unit_test(does_not_nest),
		cmocka_unit_test(long_text_stays_whole),
		cmocka_unit_test(other_threads_lose_nothing),
	};

#ifndef __GLIBC__
	puts("1..0 # SKIP stderr cannot be replaced in this C library");
	return 0;
#endif
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
