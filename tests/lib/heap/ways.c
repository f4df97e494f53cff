/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "heap/paths.h"

enum { DEEP = 3000 };

/* A root that has an object "dict", which has another one over LABEL. */
struct root {
	enum pmt_root_kind kind;
	const char *name;
	const char *label;	/* NULL: an item */
	unsigned int as;
	const char *type;
};

static uint32_t
add(struct pmt_heap *heap, uint64_t address, const char *type)
{
	uint32_t node = pmt_heap_add(heap, address);

	heap->type[node] = pmt_names_add(&heap->names, type, strlen(type));
	heap->spare[node] = 0;
	return node;
}

/* FIRST is a text that gets the number 0, and shifts those of all others. */
static uint64_t
key(struct root root, const char *first)
{
	struct pmt_heap heap;
	struct pmt_paths paths;
	uint32_t label = PMT_EDGE_ITEM;
	uint64_t result;

	assert_int_equal(pmt_heap_init(&heap, 0, 0), 0);
	if (first != NULL)
		pmt_names_add(&heap.names, first, strlen(first));
	add(&heap, 4096, root.type);
	add(&heap, 8192, "m.Item");
	if (root.label != NULL)
		label = pmt_edge_named(pmt_names_add(&heap.names, root.label,
						     strlen(root.label)),
				       root.as);
	pmt_heap_root(&heap, 0, root.kind, root.name, strlen(root.name));
	pmt_heap_edge(&heap, 1, label);
	pmt_heap_walked(&heap);
	pmt_heap_walked(&heap);
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	result = pmt_way_key(&paths, paths.way[1]);
	assert_int_not_equal(result, 0);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
	return result;
}

static const struct root kept = {
	PMT_ROOT_MODULE, "m", "kept", PMT_NAMED_ATTRIBUTE, "module",
};

static void
names_count_and_not_their_numbers(void **state)
{
	(void)state;
	assert_int_equal(key(kept, NULL), key(kept, "other"));
	assert_int_equal(key(kept, NULL), key(kept, "m.Item"));
}

static void
each_part_counts(void **state)
{
	struct root other[6] = { kept, kept, kept, kept, kept, kept };

	(void)state;
	other[0].kind = PMT_ROOT_TYPE;
	other[1].name = "n";
	other[2].label = "lost";
	other[3].label = NULL;
	other[4].as = PMT_NAMED_KEY;
	other[5].type = "dict";
	for (size_t i = 0; i < PMT_ARRAY_SIZE(other); i++)
		assert_int_not_equal(key(kept, NULL), key(other[i], NULL));
}

static void
expect_frames(const char *name, const char *other, bool same)
{
	struct root root = {
		PMT_ROOT_FRAME, name, "kept", PMT_NAMED_LOCAL, "frame",
	};
	uint64_t first = key(root, NULL);

	root.name = other;
	if (same)
		assert_int_equal(first, key(root, NULL));
	else
		assert_int_not_equal(first, key(root, NULL));
}

static void
frames_have_no_line(void **state)
{
	(void)state;
	expect_frames("f() a/m.py:9", "f() a/m.py:10", true);
	expect_frames("f() a/m.py:9<frame>", "f() a/m.py:10<frame>", true);
	expect_frames("f() a/m.py:9<frame>", "f() a/m.py:9", false);
	expect_frames("f() a/m.py:9", "g() a/m.py:9", false);
	expect_frames("f() a:1/m.py:9", "f() a:2/m.py:9", false);
	expect_frames("f()", "f", false);
}

/* Modules are no frames, whatever they are called. */
static void
names_of_others_are_whole(void **state)
{
	struct root a = kept, b = kept;

	(void)state;
	a.name = "m:1";
	b.name = "m:2";
	assert_int_not_equal(key(a, NULL), key(b, NULL));
}

/* Nobody refers to it, and it has no way. */
static void
garbage_has_none(void **state)
{
	struct pmt_heap heap;
	struct pmt_paths paths;

	(void)state;
	assert_int_equal(pmt_heap_init(&heap, 0, 0), 0);
	add(&heap, 4096, "list");
	pmt_heap_walked(&heap);
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	assert_int_equal(paths.way[0], 0);
	assert_int_equal(pmt_way_key(&paths, paths.way[0]), 0);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
}

/* Three kinds of steps in turn, so that none is folded away. */
static void
ways_may_be_long(void **state)
{
	static const char *const types[] = { "m.A", "m.B", "m.C" };
	struct pmt_heap heap;
	struct pmt_paths paths;

	(void)state;
	assert_int_equal(pmt_heap_init(&heap, 0, 0), 0);
	for (uint32_t i = 0; i < DEEP; i++)
		add(&heap, 4096 + 16 * i, types[i % 3]);
	pmt_heap_root(&heap, 0, PMT_ROOT_MODULE, "m", 1);
	for (uint32_t i = 0; i < DEEP; i++) {
		if (i + 1 < DEEP)
			pmt_heap_edge(&heap, i + 1, PMT_EDGE_INSIDE);
		pmt_heap_walked(&heap);
	}
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	for (uint32_t i = 3; i < DEEP; i++)
		assert_int_not_equal(pmt_way_key(&paths, paths.way[i]),
				     pmt_way_key(&paths, paths.way[i - 3]));
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_count_and_not_their_numbers),
		cmocka_unit_test(each_part_counts),
		cmocka_unit_test(frames_have_no_line),
		cmocka_unit_test(names_of_others_are_whole),
		cmocka_unit_test(garbage_has_none),
		cmocka_unit_test(ways_may_be_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
