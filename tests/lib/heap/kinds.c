/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "heap/kinds.h"

/* A module whose list "kept" has COUNT m.Item, each with a str of 56 bytes. */
static void
make(struct pmt_heap *heap, struct pmt_paths *paths, uint32_t count)
{
	uint32_t kept, item, list, text, module;

	assert_int_equal(pmt_heap_init(heap, 0, 0), 0);
	kept = pmt_names_add(&heap->names, "kept", 4);
	item = pmt_names_add(&heap->names, "m.Item", 6);
	list = pmt_names_add(&heap->names, "list", 4);
	text = pmt_names_add(&heap->names, "str", 3);
	module = pmt_names_add(&heap->names, "module", 6);
	for (uint32_t i = 0; i < 2 + 2 * count; i++) {
		assert_int_equal(pmt_heap_add(heap, 4096 + 16 * i), i);
		heap->type[i] = i == 0 ? module : i == 1 ? list
			: i % 2 == 0 ? item : text;
		pmt_heap_size(heap, i, i == 1 ? 800 : i % 2 == 0 ? 48 : 56);
		/* No reference is unaccounted for. */
		heap->spare[i] = 0;
	}
	pmt_heap_root(heap, 0, PMT_ROOT_MODULE, "m", 1);
	pmt_heap_edge(heap, 1, pmt_edge_named(kept, PMT_NAMED_ATTRIBUTE));
	pmt_heap_walked(heap);
	for (uint32_t i = 0; i < count; i++)
		pmt_heap_edge(heap, 2 + 2 * i, PMT_EDGE_ITEM);
	pmt_heap_walked(heap);
	for (uint32_t i = 0; i < 2 * count; i++) {
		if (i % 2 == 0)
			pmt_heap_edge(heap, 3 + i, PMT_EDGE_INSIDE);
		pmt_heap_walked(heap);
	}
	assert_int_equal(pmt_paths_init(paths, heap), 0);
}

static const struct pmt_kind *
find(const struct pmt_kinds *kinds, const struct pmt_heap *heap,
     const char *type)
{
	const struct pmt_kind *found = NULL;

	for (uint32_t i = 0; i < kinds->kinds; i++)
		if (strcmp(pmt_names_text(&heap->names, kinds->kind[i].type),
			   type) == 0) {
			assert_null(found);
			found = &kinds->kind[i];
		}
	assert_non_null(found);
	return found;
}

static void
objects_have_the_bytes_of_their_parts(void **state)
{
	struct pmt_heap heap;
	struct pmt_paths paths;
	struct pmt_kinds kinds;
	char text[64];

	(void)state;
	make(&heap, &paths, 100);
	assert_int_equal(pmt_kinds_init(&kinds, &paths), 0);
	assert_int_equal(kinds.count, 202);
	assert_int_equal(kinds.bytes, 48 + 800 + 100 * (48 + 56));
	assert_int_equal(find(&kinds, &heap, "m.Item")->count, 100);
	assert_int_equal(find(&kinds, &heap, "m.Item")->bytes,
			 100 * (48 + 56));
	pmt_way_text(&paths, find(&kinds, &heap, "m.Item")->way, text,
		     sizeof(text));
	assert_string_equal(text, "m.kept[*]");
	assert_int_equal(find(&kinds, &heap, "str")->count, 100);
	assert_int_equal(find(&kinds, &heap, "str")->bytes, 0);
	assert_int_equal(find(&kinds, &heap, "list")->bytes, 800);
	pmt_kinds_fini(&kinds);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
}

static void
what_was_before_is_found_by_name(void **state)
{
	struct pmt_kinds_before *before = calloc(1, sizeof(*before));
	struct pmt_heap heap;
	struct pmt_paths paths;
	struct pmt_kinds kinds;

	(void)state;
	assert_non_null(before);
	make(&heap, &paths, 30);
	assert_int_equal(pmt_kinds_init(&kinds, &paths), 0);
	assert_int_equal(pmt_kinds_remember(&kinds, &paths, before), 0);
	pmt_kinds_fini(&kinds);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
	make(&heap, &paths, 100);
	/* Names have other numbers in another graph. */
	pmt_names_add(&heap.names, "more", 4);
	assert_int_equal(pmt_kinds_init(&kinds, &paths), 0);
	assert_int_equal(pmt_kinds_compare(&kinds, &paths, before), 0);
	assert_int_equal(kinds.before, 62);
	assert_int_equal(find(&kinds, &heap, "m.Item")->before, 30);
	assert_int_equal(pmt_kind_gained(find(&kinds, &heap, "m.Item")),
			 70 * (48 + 56));
	assert_int_equal(pmt_kind_gained(find(&kinds, &heap, "list")), 0);
	/* Nobody counted: all is new. */
	memset(before, 0, sizeof(*before));
	assert_int_equal(pmt_kinds_compare(&kinds, &paths, before), 0);
	assert_int_equal(find(&kinds, &heap, "m.Item")->before, 0);
	pmt_kinds_fini(&kinds);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
	free(before);
}

/* COUNT m.Item in each of the FRAMES of f(), at lines from LINE on. */
static void
make_frames(struct pmt_heap *heap, struct pmt_paths *paths, uint32_t frames,
	    uint32_t line, uint32_t count)
{
	uint32_t type, item, name;
	char title[32];

	assert_int_equal(pmt_heap_init(heap, 0, 0), 0);
	/* Whatever was met before gives names other numbers. */
	snprintf(title, sizeof(title), "line %u", line);
	pmt_names_add(&heap->names, title, strlen(title));
	type = pmt_names_add(&heap->names, "frame", 5);
	item = pmt_names_add(&heap->names, "m.Item", 6);
	name = pmt_names_add(&heap->names, "kept", 4);
	for (uint32_t i = 0; i < frames * (1 + count); i++) {
		assert_int_equal(pmt_heap_add(heap, 4096 + 16 * i), i);
		heap->type[i] = i < frames ? type : item;
		heap->marks[i] = i < frames ? PMT_MARK_PSEUDO : 0;
		heap->spare[i] = 0;
		pmt_heap_size(heap, i, i < frames ? 0 : 48);
	}
	for (uint32_t i = 0; i < frames; i++) {
		int length = snprintf(title, sizeof(title), "f() m.py:%u",
				      line + i);

		pmt_heap_root(heap, i, PMT_ROOT_FRAME, title, (size_t)length);
		for (uint32_t k = 0; k < count; k++)
			pmt_heap_edge(heap, frames + i * count + k,
				      pmt_edge_named(name, PMT_NAMED_LOCAL));
		pmt_heap_walked(heap);
	}
	while (heap->walked < heap->nodes)
		pmt_heap_walked(heap);
	assert_int_equal(pmt_paths_init(paths, heap), 0);
}

/* BEFORE: of so many objects in each of FRAMES; 100 in each of NOW frames. */
static void
expect_frames(uint32_t frames, uint32_t before, uint32_t now,
	      uint32_t before_each)
{
	struct pmt_kinds_before *noted = calloc(1, sizeof(*noted));
	struct pmt_heap heap;
	struct pmt_paths paths;
	struct pmt_kinds kinds;

	assert_non_null(noted);
	make_frames(&heap, &paths, frames, 29, before);
	assert_int_equal(pmt_kinds_init(&kinds, &paths), 0);
	assert_int_equal(pmt_kinds_remember(&kinds, &paths, noted), 0);
	pmt_kinds_fini(&kinds);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
	make_frames(&heap, &paths, now, 31, 100);
	assert_int_equal(pmt_kinds_init(&kinds, &paths), 0);
	assert_int_equal(pmt_kinds_compare(&kinds, &paths, noted), 0);
	assert_int_equal(kinds.kinds, now);
	for (uint32_t i = 0; i < now; i++) {
		assert_int_equal(kinds.kind[i].count, 100);
		assert_int_equal(kinds.kind[i].before, before_each);
		assert_int_equal(kinds.kind[i].bytes_before, 48 * before_each);
	}
	pmt_kinds_fini(&kinds);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
	free(noted);
}

static void
a_frame_is_found_at_another_line(void **state)
{
	(void)state;
	expect_frames(1, 30, 1, 30);
}

static void
frames_of_one_function_share_what_was_before(void **state)
{
	(void)state;
	expect_frames(2, 30, 1, 60);
	expect_frames(1, 30, 2, 15);
	expect_frames(3, 20, 2, 30);
}

/* Whom nobody holds, the collector will free: it counts until then. */
static void
garbage_is_a_kind(void **state)
{
	struct pmt_heap heap;
	struct pmt_paths paths;
	struct pmt_kinds kinds;

	(void)state;
	make(&heap, &paths, 10);
	pmt_paths_fini(&paths);
	heap.roots = 0;
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	assert_int_equal(pmt_kinds_init(&kinds, &paths), 0);
	assert_int_equal(kinds.count, 22);
	assert_int_equal(find(&kinds, &heap, "m.Item")->way, PMT_NO_WAY);
	assert_int_equal(find(&kinds, &heap, "m.Item")->count, 10);
	pmt_kinds_fini(&kinds);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_have_the_bytes_of_their_parts),
		cmocka_unit_test(what_was_before_is_found_by_name),
		cmocka_unit_test(a_frame_is_found_at_another_line),
		cmocka_unit_test(frames_of_one_function_share_what_was_before),
		cmocka_unit_test(garbage_is_a_kind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
