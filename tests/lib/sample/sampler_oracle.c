/* SPDX-License-Identifier: MIT */
/*
 * Two samplers see the same events: one under test, one that reads always.
 * What the first tells wrong, and after which kind of change, is what the
 * manual pmt-log(5) says an event's RSS can miss.
 */
#include <config.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "sample/sampler.h"

#define BLOCK_PAGES 256
#define ROUNDS 20000

static const char *const me = "a thread";
static size_t page;
static int zeroes;

/* One change of RSS, or none.  I is the round, R is random. */
typedef void change_rss(char *block, size_t i, unsigned int r);

struct verdict {
	unsigned int events, reads, wrong, wrong_later;
};

static void
touch(char *block, size_t i, unsigned int r)
{
	(void)i;
	((volatile char *)block)[r % BLOCK_PAGES * page] = 1;
}

static void
drop(char *block, size_t i, unsigned int r)
{
	(void)i;
	madvise(block + r % BLOCK_PAGES * page, page, MADV_DONTNEED);
}

static void
touch_and_drop(char *block, size_t i, unsigned int r)
{
	(r & 1024 ? touch : drop)(block, i, r);
}

static void
map_and_unmap(char *block, size_t i, unsigned int r)
{
	char *fresh;

	(void)i;
	(void)block;
	fresh = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS |
			     (r & 1024 ? MAP_POPULATE : 0), -1, 0);
	assert_ptr_not_equal(fresh, MAP_FAILED);
	*(volatile char *)fresh = 1;
	if (r & 2048)
		munmap(fresh, 4 * page);
	else
		mmap(fresh, 4 * page, PROT_READ, MAP_FIXED | MAP_PRIVATE |
		     MAP_ANONYMOUS, -1, 0);
}

/* Freed at once, or kept till the next round. */
static void
allocate_and_free(char *block, size_t i, unsigned int r)
{
	static char *kept;
	size_t size = (size_t)1 << (10 + r % 12);

	(void)block;
	(void)i;
	free(kept);
	kept = malloc(size);
	assert_non_null(kept);
	memset(kept, 1, size);
}

/* The fault happens in the kernel. */
static void
read_into_fresh_page(char *block, size_t i, unsigned int r)
{
	char *at = block + r % BLOCK_PAGES * page;

	if (i % BLOCK_PAGES == 0)
		madvise(block, BLOCK_PAGES * page, MADV_DONTNEED);
	assert_int_equal(read(zeroes, at, 1), 1);
}

static void
nothing(char *block, size_t i, unsigned int r)
{
	(void)block;
	(void)i;
	for (volatile unsigned int spin = 0; spin < r % 64; spin++)
		;
}

static struct pmt_sampler *
open_or_skip(enum pmt_rss_mode mode)
{
	struct pmt_sampler *sampler;
	char line[256];
	int err = pmt_sampler_open(mode, &sampler);

	if (err < 0) {
		print_message("# no rss=%s here: %s\n",
			      pmt_rss_mode_name(mode), strerror(-err));
		skip();
	}
	pmt_sampler_describe(sampler, line, sizeof(line));
	if (strstr(line, " 8 of 8 ") == NULL) {
		print_message("# this kernel keeps statm in batches\n");
		skip();
	}
	return sampler;
}

/*
 * Make a change at a few of the rounds, and compare.  wrong_later: also wrong
 * at an event that comes half a millisecond after.
 */
static struct verdict
compare(enum pmt_rss_mode mode, change_rss *change)
{
	struct pmt_sampler *tested = open_or_skip(mode);
	struct pmt_sampler *truth = open_or_skip(PMT_RSS_EVERY);
	struct verdict verdict = { 0 };
	unsigned int r = 1;
	uint64_t rss;
	char *block = mmap(NULL, BLOCK_PAGES * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(block, MAP_FAILED);
	madvise(block, BLOCK_PAGES * page, MADV_NOHUGEPAGE);
	pmt_sampler_rss(tested, pmt_ticks(), me);
	for (size_t i = 0; i < ROUNDS; i++) {
		r = r * 1664525 + 1013904223;
		(r >> 28 < 4 ? change : nothing)(block, i, r >> 8);
		rss = pmt_sampler_rss(tested, pmt_ticks(), me);
		verdict.events++;
		if (rss == pmt_sampler_rss(truth, pmt_ticks(), me)) {
			/* The comparison is no gap of the program. */
			tested->previous = pmt_ticks();
			continue;
		}
		verdict.wrong++;
		usleep(500);
		verdict.wrong_later +=
			pmt_sampler_rss(tested, pmt_ticks(), me) !=
			pmt_sampler_rss(truth, pmt_ticks(), me);
	}
	munmap(block, BLOCK_PAGES * page);
	verdict.reads = (unsigned int)tested->reads;
	pmt_sampler_close(tested);
	pmt_sampler_close(truth);
	return verdict;
}

static void
check_exact(enum pmt_rss_mode mode, change_rss *change)
{
	struct verdict verdict = compare(mode, change);

	print_message("# %u events, %u reads, %u wrong\n", verdict.events,
		      verdict.reads, verdict.wrong);
	assert_int_equal(verdict.wrong, 0);
}

/* A tier that may miss this, but not for long. */
static void
check_caught_up(enum pmt_rss_mode mode, change_rss *change)
{
	struct verdict verdict = compare(mode, change);

	print_message("# %u events, %u reads, %u wrong, %u of them later\n",
		      verdict.events, verdict.reads, verdict.wrong,
		      verdict.wrong_later);
	assert_int_equal(verdict.wrong_later, 0);
}

#define TEST(name, check, mode, change) \
	static void \
	name(void **state) \
	{ \
		(void)state; \
		check(mode, change); \
	}

TEST(gap_is_exact_for_touches, check_exact, PMT_RSS_GAP, touch_and_drop)
TEST(gap_is_exact_for_mappings, check_exact, PMT_RSS_GAP, map_and_unmap)
TEST(gap_is_exact_for_the_heap, check_exact, PMT_RSS_GAP, allocate_and_free)
TEST(gap_is_exact_for_reads, check_exact, PMT_RSS_GAP, read_into_fresh_page)
TEST(ring_is_exact_for_touches, check_exact, PMT_RSS_RING, touch)
TEST(ring_is_late_for_drops, check_caught_up, PMT_RSS_RING, touch_and_drop)
TEST(ring_is_late_for_mappings, check_caught_up, PMT_RSS_RING, map_and_unmap)
TEST(ring_is_late_for_the_heap, check_caught_up, PMT_RSS_RING,
     allocate_and_free)
TEST(ring_is_late_for_reads, check_caught_up, PMT_RSS_RING,
     read_into_fresh_page)

/* A thread that sends no events. */
static void *
grow_silently(void *arg)
{
	atomic_bool *stop = arg;
	volatile char *block;

	while (!atomic_load(stop)) {
		block = mmap(NULL, page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal((void *)(uintptr_t)block, MAP_FAILED);
		block[0] = 1;
		usleep(2000);
	}
	return NULL;
}

/* Its growth is seen within a millisecond of events. */
static void
check_silent_thread(enum pmt_rss_mode mode)
{
	struct pmt_sampler *tested = open_or_skip(mode);
	struct pmt_sampler *truth = open_or_skip(PMT_RSS_EVERY);
	atomic_bool stop = false;
	uint64_t seen, before, end = pmt_ticks() + pmt_ticks_from_ns(100000000);
	unsigned int moves = 0;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, grow_silently, &stop),
			 0);
	before = pmt_sampler_rss(truth, pmt_ticks(), me);
	while (pmt_ticks() < end) {
		uint64_t wait = pmt_ticks() + tested->period;

		do {
			seen = pmt_sampler_rss(tested, pmt_ticks(), me);
		} while (pmt_ticks() <= wait);
		/* Told now or before, never more than there is. */
		assert_true(seen >= before);
		moves += seen != before;
		before = seen;
		assert_true(seen <= pmt_sampler_rss(truth, pmt_ticks(), me));
	}
	assert_true(moves > 0);
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	pmt_sampler_close(tested);
	pmt_sampler_close(truth);
}

static void
gap_sees_silent_threads(void **state)
{
	(void)state;
	check_silent_thread(PMT_RSS_GAP);
}

static void
ring_sees_silent_threads(void **state)
{
	(void)state;
	check_silent_thread(PMT_RSS_RING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gap_is_exact_for_touches),
		cmocka_unit_test(gap_is_exact_for_mappings),
		cmocka_unit_test(gap_is_exact_for_the_heap),
		cmocka_unit_test(gap_is_exact_for_reads),
		cmocka_unit_test(gap_sees_silent_threads),
		cmocka_unit_test(ring_is_exact_for_touches),
		cmocka_unit_test(ring_is_late_for_drops),
		cmocka_unit_test(ring_is_late_for_mappings),
		cmocka_unit_test(ring_is_late_for_the_heap),
		cmocka_unit_test(ring_is_late_for_reads),
		cmocka_unit_test(ring_sees_silent_threads),
	};

	page = (size_t)sysconf(_SC_PAGESIZE);
	zeroes = open("/dev/zero", O_RDONLY);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
