/* SPDX-License-Identifier: MIT */
/* Books on allocations, fed by hand and at random beside a naive model. */
#include <config.h>

#include "books/allocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "books/mapped.h"

enum { BLOCKS = 200, NODES = 5, STEPS = 20000, PAGES = 64,
       MANY_PAGES = 8 * PMT_MAPPED_CHUNK };

static void
add(struct pmt_allocations *books, enum pmt_alloc_what what, uint32_t node,
    uint64_t address, uint64_t size)
{
	const struct pmt_alloc_event event = {
		.what = what, .thread = 1, .node = node,
		.address = address, .size = size,
	};

	assert_int_equal(pmt_allocations_add(books, &event), 0);
}

static void
mark(struct pmt_allocations *books, enum pmt_alloc_mark what)
{
	const struct pmt_alloc_event event = {
		.what = PMT_ALLOC_IS_MARK, .mark = what,
	};

	assert_int_equal(pmt_allocations_add(books, &event), 0);
}

static void
test_begin_and_end(void **state)
{
	struct pmt_allocations *books = pmt_allocations_new();
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(books);

	(void)state;
	add(books, PMT_ALLOC_IS_BLOCK, 1, 0x1000, 10);
	mark(books, PMT_ALLOC_BEGIN);
	add(books, PMT_ALLOC_IS_BLOCK, 2, 0x2000, 20);
	add(books, PMT_ALLOC_IS_FREE, 0, 0x1000, 0);
	mark(books, PMT_ALLOC_END);
	add(books, PMT_ALLOC_IS_FREE, 0, 0x2000, 0);
	pmt_allocations_finish(books);
	assert_int_equal(totals->before, 10);
	assert_int_equal(totals->unknown, 1);
	assert_int_equal(totals->all.live, 20);
	assert_int_equal(totals->all.at_peak, 20);
	assert_int_equal(pmt_allocations_node(books, 1).count, 0);
	assert_int_equal(pmt_allocations_node(books, 2).live, 20);
	assert_int_equal(pmt_allocations_thread(books, 1).live, 20);
	pmt_allocations_free(books);
}

/* A realloc() that failed: the block is there still, and no other was made. */
static void
test_kept(void **state)
{
	struct pmt_allocations *books = pmt_allocations_new();

	(void)state;
	add(books, PMT_ALLOC_IS_BLOCK, 3, 0x1000, 10);
	add(books, PMT_ALLOC_IS_FREE, 0, 0x1000, 0);
	add(books, PMT_ALLOC_IS_KEPT, 0, 0, 0);
	assert_int_equal(pmt_allocations_node(books, 3).live, 10);
	assert_int_equal(pmt_allocations_node(books, 3).count, 1);
	add(books, PMT_ALLOC_IS_FREE, 0, 0x1000, 0);
	assert_int_equal(pmt_allocations_node(books, 3).live, 0);
	assert_int_equal(pmt_allocations_totals(books)->unknown, 0);
	pmt_allocations_free(books);
}

/* Blocks come and go; the model keeps all, and what there was at the peak. */
static void
test_against_a_model(void **state)
{
	struct pmt_allocations *books = pmt_allocations_new();
	uint64_t size[BLOCKS] = { 0 }, live[NODES] = { 0 }, all = 0;
	uint64_t peak = 0, at_peak[NODES] = { 0 };
	uint32_t owner[BLOCKS] = { 0 };

	(void)state;
	srand(1);
	for (int step = 0; step < STEPS; step++) {
		int i = rand() % BLOCKS;
		uint64_t address = UINT64_C(0x7f0000000000) + 64 * (uint64_t)i;

		if (size[i] != 0) {
			add(books, PMT_ALLOC_IS_FREE, 0, address, 0);
			live[owner[i]] -= size[i];
			all -= size[i];
			size[i] = 0;
			continue;
		}
		size[i] = 1 + (uint64_t)rand() % 5000;
		owner[i] = (uint32_t)rand() % NODES;
		add(books, PMT_ALLOC_IS_BLOCK, owner[i], address, size[i]);
		live[owner[i]] += size[i];
		all += size[i];
		if (all > peak) {
			peak = all;
			memcpy(at_peak, live, sizeof(at_peak));
		}
	}
	pmt_allocations_finish(books);
	assert_int_equal(pmt_allocations_totals(books)->all.live, all);
	assert_int_equal(pmt_allocations_totals(books)->all.at_peak, peak);
	for (uint32_t node = 0; node < NODES; node++) {
		struct pmt_alloc_sum sum = pmt_allocations_node(books, node);

		assert_int_equal(sum.live, live[node]);
		assert_int_equal(sum.at_peak, at_peak[node]);
	}
	pmt_allocations_free(books);
}

static uint64_t lost_bytes;

static void
lose(const struct pmt_block *part, const struct pmt_block *range, void *arg)
{
	(void)range;
	(void)arg;
	lost_bytes += part->size;
}

/* Of one that grows, one that is full early and one that comes and goes. */
static void
test_moments(void **state)
{
	struct pmt_allocations *books = pmt_allocations_new();
	const struct pmt_size_tally *sizes;
	int64_t moments[4][4] = { { 0 } };

	(void)state;
	mark(books, PMT_ALLOC_BEGIN);
	for (uint64_t i = 0; i < 1024; i++) {
		add(books, PMT_ALLOC_IS_BLOCK, 1, 0x100000 + 64 * i, 50);
		add(books, PMT_ALLOC_IS_BLOCK, 2,
		    i < 100 ? 0x200000 + 64 * i : 0x300000, 50);
		add(books, PMT_ALLOC_IS_BLOCK, 3, 0x400000, 5000);
		add(books, PMT_ALLOC_IS_FREE, 0, 0x400000, 0);
	}
	pmt_allocations_finish(books);
	for (uint32_t node = 1; node <= 3; node++)
		pmt_allocations_moments(books, node, moments[node], 4);
	for (int i = 0; i < 4; i++) {
		assert_in_range(moments[1][i], 50 * 256 * (i + 1) - 2000,
				50 * 256 * (i + 1) + 2000);
		assert_in_range(moments[2][i], 50 * 100, 50 * 101);
		assert_in_range(moments[3][i], 0, 5000);
	}
	assert_int_equal(moments[1][3], 50 * 1024);
	sizes = pmt_allocations_sizes(books);
	assert_int_equal(sizes[5].blocks, 1024 + 101);
	assert_int_equal(sizes[5].live, 50 * (1024 + 101));
	assert_int_equal(sizes[12].count, 1024);
	assert_int_equal(sizes[12].live, 0);
	pmt_allocations_free(books);
}

/* Pages one by one, in the model; ranges, cut and split, in ours. */
static void
test_maps_against_a_model(void **state)
{
	struct pmt_mapped mapped = { 0 };
	bool page[MANY_PAGES] = { false };
	size_t most_chunks = 0;

	(void)state;
	srand(2);
	for (int step = 0; step < STEPS; step++) {
		uint64_t first = (uint64_t)rand() % MANY_PAGES;
		uint64_t most = rand() % 500 == 0 ? MANY_PAGES : 4;
		uint64_t count = 1 + (uint64_t)rand() % most, there = 0;
		uint64_t sum = 0;
		bool fill = rand() % 2 == 0;

		if (first + count > MANY_PAGES)
			count = MANY_PAGES - first;
		for (uint64_t i = first; i < first + count; i++) {
			there += page[i];
			page[i] = fill;
		}
		lost_bytes = 0;
		pmt_mapped_remove(&mapped, first << 12, count << 12, lose,
				  NULL);
		assert_int_equal(lost_bytes, there << 12);
		if (fill)
			assert_int_equal(pmt_mapped_add(&mapped,
				&(struct pmt_block){ first << 12,
						     count << 12, 0, 0 }), 0);
		most_chunks = mapped.count > most_chunks ? mapped.count
							 : most_chunks;
		if (step % 16 != 0)
			continue;
		for (size_t i = 0; i < mapped.count; i++)
			for (size_t j = 0; j < mapped.chunks[i]->count; j++)
				sum += mapped.chunks[i]->ranges[j].size;
		for (uint64_t i = 0; i < MANY_PAGES; i++) {
			struct pmt_block range;

			assert_int_equal(pmt_mapped_at(&mapped, i << 12,
						       &range), page[i]);
			sum -= page[i] ? 4096 : 0;
		}
		assert_int_equal(sum, 0);
	}
	assert_true(most_chunks > 4);
	pmt_mapped_fini(&mapped);
}

/* As many blocks, of which sizes, as there are runs of pages of one map. */
static void
check_runs(const struct pmt_allocations *books, const int map[PAGES + 1])
{
	const struct pmt_size_tally *sizes = pmt_allocations_sizes(books);
	uint64_t live[64] = { 0 }, blocks[64] = { 0 }, run = 0;

	for (int i = 0; i < PAGES; i++) {
		int n;

		if (map[i] == 0)
			continue;
		run += 4096;
		if (map[i + 1] == map[i])
			continue;
		n = 63 - __builtin_clzll(run);
		live[n] += run;
		blocks[n]++;
		run = 0;
	}
	for (int n = 0; n < PMT_TALLIES_SIZES; n++) {
		assert_int_equal(sizes[n].live, live[n]);
		assert_int_equal(sizes[n].blocks, blocks[n]);
		live[63] += live[n];
		blocks[63] += blocks[n];
	}
	assert_int_equal(pmt_allocations_node(books, 1).live, live[63]);
	assert_int_equal(pmt_allocations_node(books, 1).mapped, live[63]);
	assert_int_equal(pmt_allocations_node(books, 1).blocks, blocks[63]);
}

static void
test_pieces_of_maps(void **state)
{
	struct pmt_allocations *books = pmt_allocations_new();
	int map[PAGES + 1] = { 0 };

	(void)state;
	srand(3);
	mark(books, PMT_ALLOC_BEGIN);
	for (int step = 1; step <= STEPS; step++) {
		int first = rand() % PAGES, count = 1 + rand() % 8;
		bool fill = rand() % 2 == 0;

		if (first + count > PAGES)
			count = PAGES - first;
		add(books, fill ? PMT_ALLOC_IS_MAP : PMT_ALLOC_IS_UNMAP,
		    1, (uint64_t)first << 12, (uint64_t)count << 12);
		for (int i = first; i < first + count; i++)
			map[i] = fill ? step : 0;
		check_runs(books, map);
	}
	pmt_allocations_free(books);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begin_and_end),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_against_a_model),
		cmocka_unit_test(test_maps_against_a_model),
		cmocka_unit_test(test_pieces_of_maps),
		cmocka_unit_test(test_moments),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
