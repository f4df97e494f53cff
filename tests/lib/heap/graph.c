/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "heap/dominators.h"
#include "heap/holders.h"
#include "heap/memscan.h"

enum { MOST = 24, GRAPHS = 400, DEEP = 1000000 };

static uint32_t type;

/* COUNT nodes at addresses of their own; node 0 is a module "m". */
static void
begin(struct pmt_heap *heap, uint32_t count)
{
	assert_int_equal(pmt_heap_init(heap, 0, 0), 0);
	type = pmt_names_add(&heap->names, "Node", 4);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(pmt_heap_add(heap, 4096 + 16 * i), i);
		heap->type[i] = type;
		pmt_heap_size(heap, i, 8 * (i + 1));
	}
	pmt_heap_root(heap, 0, PMT_ROOT_MODULE, "m", 1);
}

static void
random_edges(struct pmt_heap *heap, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		for (long n = random() % 4; n > 0; n--)
			pmt_heap_edge(heap, (uint32_t)random() % count,
				      PMT_EDGE_ITEM);
		pmt_heap_walked(heap);
	}
}

/* What is reached from the roots without going through WITHOUT? */
static void
reach(const struct pmt_heap *heap, uint32_t without, bool *reached)
{
	bool more = true;

	memset(reached, 0, MOST);
	for (uint32_t i = 0; i < heap->roots; i++)
		reached[heap->root[i].node] = heap->root[i].node != without;
	while (more) {
		more = false;
		for (uint32_t i = 0; i < heap->nodes; i++)
			for (uint32_t e = heap->first[i];
			     reached[i] && e < heap->first[i + 1]; e++)
				if (!reached[heap->target[e]] &&
				    heap->target[e] != without)
					more = reached[heap->target[e]] = true;
	}
}

/* An object retains what cannot be reached without it. */
static void
dominators_agree_with_brute_force(void **state)
{
	bool all[MOST], rest[MOST];

	(void)state;
	srandom(2);
	for (int graph = 0; graph < GRAPHS; graph++) {
		uint32_t count = 1 + (uint32_t)random() % MOST;
		struct pmt_dominators dominators;
		struct pmt_heap heap;

		begin(&heap, count);
		if (graph % 2)
			pmt_heap_root(&heap, (uint32_t)random() % count,
				      PMT_ROOT_FRAME, "f", 1);
		random_edges(&heap, count);
		reach(&heap, PMT_NO_NODE, all);
		assert_int_equal(pmt_dominators_init(&dominators, &heap), 0);
		for (uint32_t i = 0; i < count; i++) {
			uint64_t retained = 0;

			if (!all[i])
				continue;
			reach(&heap, i, rest);
			for (uint32_t k = 0; k < count; k++)
				if (all[k] && !rest[k])
					retained += 8 * (k + 1);
			assert_int_equal(dominators.retained[i], retained);
		}
		pmt_dominators_fini(&dominators);
		pmt_heap_fini(&heap);
	}
}

/* Reached or not is the same, and a parent has an edge to its child. */
static void
paths_are_paths(void **state)
{
	bool all[MOST];

	(void)state;
	srandom(3);
	for (int graph = 0; graph < GRAPHS; graph++) {
		uint32_t count = 1 + (uint32_t)random() % MOST;
		struct pmt_paths paths;
		struct pmt_heap heap;

		begin(&heap, count);
		random_edges(&heap, count);
		reach(&heap, PMT_NO_NODE, all);
		assert_int_equal(pmt_paths_init(&paths, &heap), 0);
		for (uint32_t i = 0; i < count; i++) {
			uint32_t parent = paths.parent[i];

			assert_int_equal(parent != PMT_NO_NODE, all[i]);
			assert_int_equal(paths.way[i] != 0, all[i]);
			if (!all[i] || parent == i)
				continue;
			assert_in_range(paths.by[i], heap.first[parent],
					heap.first[parent + 1] - 1);
			assert_int_equal(heap.target[paths.by[i]], i);
		}
		pmt_paths_fini(&paths);
		pmt_heap_fini(&heap);
	}
}

/* m.next.next ... a million times: no recursion, and one way. */
static void
long_chains_are_folded(void **state)
{
	struct pmt_dominators dominators;
	struct pmt_paths paths;
	struct pmt_heap heap;
	uint32_t next;
	char text[100];

	(void)state;
	begin(&heap, DEEP);
	next = pmt_edge_named(pmt_names_add(&heap.names, "next", 4),
			      PMT_NAMED_ATTRIBUTE);
	for (uint32_t i = 0; i < DEEP; i++) {
		if (i + 1 < DEEP)
			pmt_heap_edge(&heap, i + 1, next);
		pmt_heap_walked(&heap);
	}
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	assert_int_equal(paths.ways.count, 2);
	pmt_way_text(&paths, paths.way[DEEP - 1], text, sizeof(text));
	assert_string_equal(text, "m.next{+}");
	pmt_path_text(&paths, DEEP - 1, text, sizeof(text));
	assert_string_equal(text, "m.next{999999}");
	assert_int_equal(pmt_dominators_init(&dominators, &heap), 0);
	assert_int_equal(dominators.retained[0],
			 UINT64_C(4) * DEEP * (DEEP + 1));
	pmt_dominators_fini(&dominators);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
}

/* A chain whose steps never repeat is cut in the middle. */
static void
long_texts_are_cut(void **state)
{
	struct pmt_paths paths;
	struct pmt_heap heap;
	char text[4096], name[8];

	(void)state;
	begin(&heap, 1000);
	for (uint32_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "a%u", i);
		if (i + 1 < 1000)
			pmt_heap_edge(&heap, i + 1, pmt_edge_named(
				pmt_names_add(&heap.names, name, sizeof(name)),
				PMT_NAMED_ATTRIBUTE));
		pmt_heap_walked(&heap);
	}
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	pmt_path_text(&paths, 999, text, sizeof(text));
	assert_memory_equal(text, "m.a0.a1.a2.", 11);
	assert_non_null(strstr(text, " ... "));
	assert_string_equal(strrchr(text, '.'), ".a998");
	assert_int_equal(pmt_path_text(&paths, 999, text, 10), 9);
	assert_string_equal(text, "m.a0.a1.a");
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
}

/* Modules come before frames, and both before what only C code holds. */
static void
holders_are_counted(void **state)
{
	struct pmt_holding holding[8];
	struct pmt_paths paths;
	struct pmt_heap heap;
	uint32_t group[20], room = 8;
	uint8_t lost[20];

	(void)state;
	begin(&heap, 22);
	pmt_heap_root(&heap, 1, PMT_ROOT_FRAME, "f() x.py:1", 10);
	for (uint32_t to = 2; to < 6; to++)
		pmt_heap_edge(&heap, to, PMT_EDGE_ITEM);
	pmt_heap_walked(&heap);
	for (uint32_t to = 5; to < 8; to++)
		pmt_heap_edge(&heap, to, pmt_edge_named(
			pmt_names_add(&heap.names, "x", 1), PMT_NAMED_LOCAL));
	pmt_heap_walked(&heap);
	while (heap.walked < heap.nodes)
		pmt_heap_walked(&heap);
	for (uint32_t i = 10; i < 22; i++)
		heap.spare[i] = 2;
	for (uint32_t i = 0; i < 20; i++)
		group[i] = i + 2;
	memset(lost, 1, sizeof(lost));
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	assert_int_equal(pmt_holders_find(&paths, group, 20, lost, holding,
					  &room), 0);
	assert_int_equal(room, 4);
	assert_int_equal(holding[0].verdict, PMT_LEAKED);
	assert_int_equal(holding[0].count, 12);
	assert_int_equal(holding[1].verdict, PMT_HELD);
	assert_int_equal(holding[1].count, 4);
	assert_int_equal(holding[1].length, 4);
	assert_int_equal(holding[2].count + holding[3].count, 4);
	memset(lost, 0, sizeof(lost));
	room = 1;
	assert_int_equal(pmt_holders_find(&paths, group, 20, lost, holding,
					  &room), 0);
	assert_int_equal(holding[0].verdict, PMT_HELD_BY_C);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
}

static void
words_in_memory_are_counted(void **state)
{
	static uint64_t kept[3][2];
	uint64_t *heap = calloc(10000, sizeof(*heap));
	uint64_t inverted[3];
	uint32_t before[3], found[3];
	int err;

	(void)state;
	assert_non_null(heap);
	for (uint32_t i = 0; i < 3; i++)
		inverted[i] = ~(UINT64_C(0x6b000000) << 12 | (i * 4096 + 64));
	err = pmt_memscan(inverted, 3, before);
	/* AddressSanitizer maps terabytes: then this is the answer. */
	if (err == -E2BIG) {
		free(heap);
		return;
	}
	assert_int_equal(err, 0);
	kept[1][0] = ~inverted[1];
	heap[5000] = ~inverted[1] | 3;
	heap[9999] = ~inverted[2];
	assert_int_equal(pmt_memscan(inverted, 3, found), 0);
	assert_int_equal(found[0] - before[0], 0);
	assert_int_equal(found[1] - before[1], 2);
	assert_int_equal(found[2] - before[2], 1);
	assert_int_equal(kept[1][0], ~inverted[1]);
	free(heap);
}

static void
names_are_kept_once(void **state)
{
	struct pmt_names names = { .count = 0 };
	char text[16];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 50000; i++) {
			snprintf(text, sizeof(text), "name %u", i);
			assert_int_equal(pmt_names_add(&names, text,
						       strlen(text)), i);
		}
	assert_string_equal(pmt_names_text(&names, 49999), "name 49999");
	for (uint32_t i = 1; i < 50000; i++)
		pmt_names_remember(&names, i * 16, i);
	for (uint32_t i = 1; i < 50000; i++)
		assert_int_equal(pmt_names_known(&names, i * 16), i);
	assert_int_equal(pmt_names_known(&names, 8), PMT_NO_NAME);
	pmt_names_fini(&names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dominators_agree_with_brute_force),
		cmocka_unit_test(paths_are_paths),
		cmocka_unit_test(long_chains_are_folded),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(holders_are_counted),
		cmocka_unit_test(words_in_memory_are_counted),
		cmocka_unit_test(names_are_kept_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
