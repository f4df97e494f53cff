/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proc/rss.h"
#include "sample/sampler.h"

#define PAGES 2048

static const char *const me = "a thread";

static uint64_t
true_rss(void)
{
	struct pmt_rss *rss;
	uint64_t bytes;

	assert_int_equal(pmt_rss_open(0, &rss), 0);
	assert_int_equal(pmt_rss_read(rss, &bytes), 0);
	pmt_rss_close(rss);
	return bytes;
}

static char *
map_pages(size_t pages)
{
	size_t size = pages * (size_t)sysconf(_SC_PAGESIZE);
	char *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(block, MAP_FAILED);
	madvise(block, size, MADV_NOHUGEPAGE);
	return block;
}

/* AddressSanitizer touches pages of its own beside ours. */
#ifdef __SANITIZE_ADDRESS__
#define FOREIGN (1 << 20)
#else
#define FOREIGN 0

/*
 * The machine's statm must move with single pages, or none of these can hold;
 * old kernels keep it in batches (see sampler.c).
 */
static bool
statm_is_exact(struct pmt_sampler *sampler)
{
	char line[256];

	pmt_sampler_describe(sampler, line, sizeof(line));
	return strstr(line, " 8 of 8 ") != NULL;
}

/* An event before and after each of BLOCK's pages is touched. */
static void
sees_touches(struct pmt_sampler *sampler, volatile char *block)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before, after;

	for (size_t i = 0; i < PAGES; i++) {
		before = pmt_sampler_rss(sampler, pmt_ticks(), me);
		block[i * page] = 1;
		after = pmt_sampler_rss(sampler, pmt_ticks(), me);
		assert_int_equal(after - before, page);
	}
}

/* One event for each of BLOCK's pages, touched or dropped in between. */
static void
sees_every_page(enum pmt_rss_mode mode)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	volatile char *block = map_pages(PAGES);
	struct pmt_sampler *sampler;
	uint64_t before, after;

	assert_int_equal(pmt_sampler_open(mode, &sampler), 0);
	if (!statm_is_exact(sampler)) {
		pmt_sampler_close(sampler);
		print_message("# this kernel keeps statm in batches\n");
		skip();
	}
	sees_touches(sampler, block);
	for (size_t i = 0; i < PAGES; i++) {
		before = pmt_sampler_rss(sampler, pmt_ticks(), me);
		madvise((void *)(uintptr_t)(block + i * page), page,
			MADV_DONTNEED);
		after = pmt_sampler_rss(sampler, pmt_ticks(), me);
		assert_int_equal(before - after, page);
	}
	assert_int_equal(sampler->errors, 0);
	pmt_sampler_close(sampler);
	munmap((void *)(uintptr_t)block, PAGES * page);
}

static void
sees_every_page_by_the_gap(void **state)
{
	(void)state;
	sees_every_page(PMT_RSS_GAP);
}

static void
sees_growth_by_the_ring(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before, after;
	struct pmt_sampler *sampler;
	volatile char *block;
	int err = pmt_sampler_open(PMT_RSS_RING, &sampler);

	(void)state;
	if (err < 0) {
		print_message("# perf_event_open: %s\n", strerror(-err));
		skip();
	}
	block = map_pages(PAGES);
	sees_touches(sampler, block);
	assert_int_equal(sampler->errors, 0);
	before = pmt_sampler_rss(sampler, pmt_ticks(), me);
	munmap((void *)(uintptr_t)block, PAGES * page);
	after = pmt_sampler_rss(sampler, pmt_ticks(), me);
	assert_int_equal(before - after, PAGES * page);
	pmt_sampler_close(sampler);
}

/* A thread that has its own ring, and one that dies with it. */
static void *
grow_in_thread(void *sampler)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before, after;
	volatile char *block = map_pages(64);
	size_t seen = 0;
	int here;

	for (size_t i = 0; i < 64; i++) {
		before = pmt_sampler_rss(sampler, pmt_ticks(), &here);
		block[i * page] = 1;
		after = pmt_sampler_rss(sampler, pmt_ticks(), &here);
		seen += after - before == page;
	}
	munmap((void *)(uintptr_t)block, 64 * page);
	return (void *)(uintptr_t)seen;
}

static void
has_a_ring_for_each_thread(void **state)
{
	struct pmt_sampler *sampler;
	pthread_t thread;
	void *seen;

	(void)state;
	if (pmt_sampler_open(PMT_RSS_RING, &sampler) < 0) {
		print_message("# no perf_event_open here\n");
		skip();
	}
	for (int i = 0; i < 20; i++) {
		assert_int_equal(pthread_create(&thread, NULL, grow_in_thread,
						sampler), 0);
		assert_int_equal(pthread_join(thread, &seen), 0);
		assert_int_equal((uintptr_t)seen, 64);
		pmt_sampler_rss(sampler, pmt_ticks(), me);
	}
	pmt_sampler_close(sampler);
}

static void
sees_every_page_reading_always(void **state)
{
	(void)state;
	sees_every_page(PMT_RSS_EVERY);
}

#endif

static void
does_not_read_between_close_events(void **state)
{
	struct pmt_sampler *sampler;
	uint64_t reads, rss;

	(void)state;
	assert_int_equal(pmt_sampler_open(PMT_RSS_AUTO, &sampler), 0);
	rss = pmt_sampler_rss(sampler, pmt_ticks(), me);
	reads = sampler->reads;
	for (int i = 0; i < 100000; i++)
		assert_in_range(pmt_sampler_rss(sampler, pmt_ticks(), me), rss,
				rss + FOREIGN);
	/* Interrupts and preemption lengthen some gaps. */
	assert_true(sampler->reads - reads < 50000);
	pmt_sampler_close(sampler);
}

static void
reads_for_another_thread(void **state)
{
	struct pmt_sampler *sampler;
	uint64_t reads;

	(void)state;
	assert_int_equal(pmt_sampler_open(PMT_RSS_GAP, &sampler), 0);
	reads = sampler->reads;
	for (int i = 0; i < 100; i++)
		pmt_sampler_rss(sampler, pmt_ticks(), i % 2 ? &i : NULL);
	assert_true(sampler->reads - reads >= 99);
	pmt_sampler_close(sampler);
}

static void
reads_after_a_millisecond(void **state)
{
	struct pmt_sampler *sampler;
	uint64_t start, reads;

	(void)state;
	assert_int_equal(pmt_sampler_open(PMT_RSS_GAP, &sampler), 0);
	pmt_sampler_rss(sampler, pmt_ticks(), me);
	reads = sampler->reads;
	start = pmt_now(CLOCK_MONOTONIC);
	/* However slow this machine is: no gap is as long as this. */
	sampler->gap = UINT64_MAX;
	while (sampler->reads - reads < 3 &&
	       pmt_now(CLOCK_MONOTONIC) - start < 10000000000)
		pmt_sampler_rss(sampler, pmt_ticks(), me);
	assert_int_equal(sampler->reads - reads, 3);
	assert_true(pmt_now(CLOCK_MONOTONIC) - start >= 2900000);
	pmt_sampler_close(sampler);
}

#ifndef __SANITIZE_ADDRESS__
/* AddressSanitizer keeps what is freed, so that RSS does grow. */
static void
leaves_rss_as_it_was(void **state)
{
	struct pmt_sampler *sampler;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before, after;

	(void)state;
	/* The allocator and the loader have their own first times. */
	assert_int_equal(pmt_sampler_open(PMT_RSS_GAP, &sampler), 0);
	pmt_sampler_close(sampler);
	true_rss();
	before = true_rss();
	for (int i = 0; i < 100; i++) {
		assert_int_equal(pmt_sampler_open(PMT_RSS_GAP, &sampler), 0);
		for (int k = 0; k < 100; k++)
			pmt_sampler_rss(sampler, pmt_ticks(), me);
		pmt_sampler_close(sampler);
	}
	after = true_rss();
	assert_true(after <= before + page);
}
#endif

static void
child_sees_itself(void **state)
{
	struct pmt_sampler *sampler;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before;
	volatile char *block;
	int status;
	pid_t pid;

	(void)state;
	/* The ring does not survive a fork either. */
	if (pmt_sampler_open(PMT_RSS_RING, &sampler) < 0)
		assert_int_equal(pmt_sampler_open(PMT_RSS_GAP, &sampler), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		pmt_sampler_reopen_after_fork(sampler);
		block = map_pages(PAGES);
		before = pmt_sampler_rss(sampler, pmt_ticks(), me);
		for (size_t i = 0; i < PAGES; i++)
			block[i * page] = 1;
		_exit(pmt_sampler_rss(sampler, pmt_ticks(), me) - before ==
		      PAGES * page ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	pmt_sampler_close(sampler);
}

static void
survives_a_closed_descriptor(void **state)
{
	struct pmt_sampler *sampler;
	uint64_t rss;
	int other;

	(void)state;
	assert_int_equal(pmt_sampler_open(PMT_RSS_EVERY, &sampler), 0);
	rss = pmt_sampler_rss(sampler, pmt_ticks(), me);
	close(sampler->fd);
	assert_in_range(pmt_sampler_rss(sampler, pmt_ticks(), me), rss,
			rss + FOREIGN);

	/* The number now belongs to somebody else's file. */
	close(sampler->fd);
	other = open("/proc/self/stat", O_RDONLY);
	assert_int_equal(other, sampler->fd);
	assert_in_range(pmt_sampler_rss(sampler, pmt_ticks(), me), rss,
			rss + FOREIGN);
	assert_int_equal(sampler->errors, 0);
	pmt_sampler_close(sampler);
	assert_int_equal(close(other), 0);
}

static void
keeps_the_last_value_without_statm(void **state)
{
	struct rlimit limit, none;
	struct pmt_sampler *sampler, *untouched = (void *)state;
	uint64_t rss;

	assert_int_equal(pmt_sampler_open(PMT_RSS_EVERY, &sampler), 0);
	rss = pmt_sampler_rss(sampler, pmt_ticks(), me);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	close(sampler->fd);
	for (uint64_t i = 1; i <= 3; i++) {
		assert_int_equal(pmt_sampler_rss(sampler, pmt_ticks(), me),
				 rss);
		assert_int_equal(sampler->errors, i);
	}
	assert_int_equal(pmt_sampler_open(PMT_RSS_GAP, &untouched), -EMFILE);
	assert_ptr_equal(untouched, (void *)state);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	rss = pmt_sampler_rss(sampler, pmt_ticks(), me);
	assert_in_range(rss, true_rss() - (1 << 20), true_rss());
	assert_int_equal(sampler->errors, 3);
	pmt_sampler_close(sampler);
}

/* Gaps do not matter, however long. */
static void
seldom_reads_once_a_period(void **state)
{
	struct pmt_sampler *sampler;
	uint64_t half, ticks, reads;
	char line[256];

	(void)state;
	assert_int_equal(pmt_sampler_open(PMT_RSS_SELDOM, &sampler), 0);
	half = sampler->period / 2;
	reads = sampler->reads;
	ticks = sampler->last_read;
	for (uint64_t i = 1; i <= 10; i++) {
		pmt_sampler_rss(sampler, ticks + half, NULL);
		assert_int_equal(sampler->reads, reads);
		ticks = sampler->last_read + 2 * half + 2;
		pmt_sampler_rss(sampler, ticks, NULL);
		assert_int_equal(sampler->reads, ++reads);
	}
	pmt_sampler_describe(sampler, line, sizeof(line));
	assert_non_null(strstr(line, "rss=seldom, read after 1000 us"));
	pmt_sampler_close(sampler);
}

static void
knows_its_modes(void **state)
{
	enum pmt_rss_mode mode = PMT_RSS_EVERY;

	(void)state;
	assert_int_equal(pmt_rss_mode_parse("gap", &mode), 0);
	assert_int_equal(mode, PMT_RSS_GAP);
	assert_string_equal(pmt_rss_mode_name(mode), "gap");
	assert_int_equal(pmt_rss_mode_parse("", &mode), -EINVAL);
	assert_int_equal(pmt_rss_mode_parse("GAP", &mode), -EINVAL);
	assert_int_equal(pmt_rss_mode_parse("seldom", &mode), -EINVAL);
	assert_int_equal(mode, PMT_RSS_GAP);
	pmt_sampler_close(NULL);
}

static void
describes_itself_in_any_size(void **state)
{
	struct pmt_sampler *sampler;
	char line[256], small[20];

	(void)state;
	assert_int_equal(pmt_sampler_open(PMT_RSS_GAP, &sampler), 0);
	pmt_sampler_describe(sampler, line, sizeof(line));
	assert_non_null(strstr(line, "rss=gap"));
	assert_null(strchr(line, '\n'));
	pmt_sampler_describe(sampler, small, sizeof(small));
	assert_int_equal(strlen(small), sizeof(small) - 1);
	pmt_sampler_close(sampler);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(sees_every_page_by_the_gap),
		cmocka_unit_test(sees_every_page_reading_always),
		cmocka_unit_test(sees_growth_by_the_ring),
		cmocka_unit_test(has_a_ring_for_each_thread),
#endif
		cmocka_unit_test(does_not_read_between_close_events),
		cmocka_unit_test(reads_for_another_thread),
		cmocka_unit_test(reads_after_a_millisecond),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(leaves_rss_as_it_was),
#endif
		cmocka_unit_test(child_sees_itself),
		cmocka_unit_test(survives_a_closed_descriptor),
		cmocka_unit_test(keeps_the_last_value_without_statm),
		cmocka_unit_test(seldom_reads_once_a_period),
		cmocka_unit_test(knows_its_modes),
		cmocka_unit_test(describes_itself_in_any_size),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
