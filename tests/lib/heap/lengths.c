/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "heap/holders.h"

enum { MODULE, LIST, MANY = 300000 };

/* A module "m" with a list m.book, at an address of its own, of COUNT. */
struct book {
	struct pmt_heap heap;
	struct pmt_paths paths;
};

static uint32_t
add(struct pmt_heap *heap, uint64_t address, const char *type)
{
	uint32_t node = pmt_heap_add(heap, address);

	heap->type[node] = pmt_names_add(&heap->names, type, strlen(type));
	return node;
}

static uint32_t
name(struct pmt_heap *heap, const char *text)
{
	return pmt_edge_named(pmt_names_add(&heap->names, text, strlen(text)),
			      PMT_NAMED_ATTRIBUTE);
}

static void
make(struct book *book, uint64_t at, const char *called, const char *type,
     uint32_t count)
{
	struct pmt_heap *heap = &book->heap;

	assert_int_equal(pmt_heap_init(heap, 0, 0), 0);
	add(heap, 4096, "module");
	add(heap, at, type);
	for (uint32_t i = 0; i < count; i++)
		add(heap, 1 << 20 | i << 4, "Item");
	pmt_heap_root(heap, MODULE, PMT_ROOT_MODULE, "m", 1);
	pmt_heap_edge(heap, LIST, name(heap, called));
	pmt_heap_walked(heap);
	for (uint32_t i = 0; i < count; i++)
		pmt_heap_edge(heap, 2 + i, PMT_EDGE_ITEM);
	while (heap->walked < heap->nodes)
		pmt_heap_walked(heap);
	assert_int_equal(pmt_paths_init(&book->paths, heap), 0);
}

static void
drop(struct book *book)
{
	pmt_paths_fini(&book->paths);
	pmt_heap_fini(&book->heap);
}

/* m.book of 3 at 8192 was noted; what is said of another one? */
static void
expect(uint64_t at, const char *called, const char *type, uint32_t count,
       const char *said)
{
	struct pmt_lengths *lengths = calloc(1, PMT_LENGTHS_BYTES);
	uint32_t nodes[] = { 2 }, room = 1;
	struct pmt_holding holding;
	struct book before, now;
	char text[100];

	assert_non_null(lengths);
	make(&before, 8192, "book", "list", 3);
	assert_int_equal(pmt_lengths_note(lengths, &before.paths), 0);
	drop(&before);
	make(&now, at, called, type, count);
	assert_int_equal(pmt_holders_find(&now.paths, nodes, 1, NULL, &holding,
					  &room), 0);
	pmt_holding_length(&now.paths, &holding, lengths, text, sizeof(text));
	assert_string_equal(text, said);
	drop(&now);
	free(lengths);
}

static void
what_grew_is_told(void **state)
{
	(void)state;
	expect(8192, "book", "list", 5, "; its list grew from 3 to 5");
	expect(8192, "book", "a.Book", 5, "; its Book grew from 3 to 5");
}

static void
what_did_not_grow_has_a_length(void **state)
{
	(void)state;
	expect(8192, "book", "list", 3, " (of 3)");
	expect(8192, "book", "list", 2, " (of 2)");
	expect(8192, "book", "list", 1, "");
}

static void
what_was_not_there_was_empty(void **state)
{
	(void)state;
	expect(16384, "other", "list", 5, "; its list grew from 0 to 5");
}

/* Another object's memory, or a list that took the place of another. */
static void
what_is_not_sure_is_not_told(void **state)
{
	(void)state;
	expect(8192, "other", "list", 5, " (of 5)");
	expect(16384, "book", "list", 5, " (of 5)");
}

static void
without_notes_nothing_is_known(void **state)
{
	struct pmt_lengths *lengths = calloc(1, PMT_LENGTHS_BYTES);
	struct book book;
	uint32_t length;

	(void)state;
	assert_non_null(lengths);
	make(&book, 8192, "book", "list", 5);
	assert_false(pmt_lengths_before(lengths, &book.paths, LIST, &length));
	drop(&book);
	free(lengths);
}

/* Nothing can grow there: a tuple would fill the room with its like. */
static void
tuples_are_not_noted(void **state)
{
	struct pmt_lengths *lengths = calloc(1, PMT_LENGTHS_BYTES);
	struct book before, now;
	uint32_t length = 9;

	(void)state;
	assert_non_null(lengths);
	make(&before, 8192, "book", "tuple", 3);
	assert_int_equal(pmt_lengths_note(lengths, &before.paths), 0);
	drop(&before);
	make(&now, 16384, "book", "list", 5);
	assert_true(pmt_lengths_before(lengths, &now.paths, LIST, &length));
	assert_int_equal(length, 0);
	drop(&now);
	free(lengths);
}

/* Lists in a list, each of them held alike. */
static void
too_many_are_refused(void **state)
{
	struct pmt_lengths *lengths = calloc(1, PMT_LENGTHS_BYTES);
	struct pmt_heap heap;
	struct pmt_paths paths;

	(void)state;
	assert_non_null(lengths);
	assert_int_equal(pmt_heap_init(&heap, 0, 0), 0);
	add(&heap, 4096, "list");
	for (uint32_t i = 1; i <= MANY; i++)
		add(&heap, 4096 + 16 * i, "list");
	pmt_heap_root(&heap, 0, PMT_ROOT_MODULE, "m", 1);
	for (uint32_t i = 1; i <= MANY; i++)
		pmt_heap_edge(&heap, i, PMT_EDGE_ITEM);
	pmt_heap_walked(&heap);
	for (uint32_t i = 1; i <= MANY; i++) {
		pmt_heap_edge(&heap, i, PMT_EDGE_ITEM);
		pmt_heap_walked(&heap);
	}
	assert_int_equal(pmt_paths_init(&paths, &heap), 0);
	assert_int_equal(pmt_lengths_note(lengths, &paths), -ENOSPC);
	pmt_paths_fini(&paths);
	pmt_heap_fini(&heap);
	free(lengths);
}

static uint32_t
length_of(const char *type, uint32_t items, uint32_t keys, uint32_t values)
{
	struct pmt_heap heap;
	uint32_t edges = items + keys + values, length;

	assert_int_equal(pmt_heap_init(&heap, 0, 0), 0);
	add(&heap, 4096, type);
	for (uint32_t i = 1; i <= edges; i++)
		add(&heap, 4096 + 16 * i, "Item");
	for (uint32_t i = 0; i < edges; i++)
		pmt_heap_edge(&heap, i + 1, i < items ? PMT_EDGE_ITEM :
			      i < items + keys ? PMT_EDGE_KEY : PMT_EDGE_VALUE);
	while (heap.walked < heap.nodes)
		pmt_heap_walked(&heap);
	length = pmt_container_length(&heap, 0);
	pmt_heap_fini(&heap);
	return length;
}

static void
keys_and_their_values_count_once(void **state)
{
	(void)state;
	assert_int_equal(length_of("list", 4, 0, 0), 4);
	assert_int_equal(length_of("dict", 0, 3, 5), 3);
	assert_int_equal(length_of("dict", 0, 0, 2), 2);
	assert_int_equal(length_of("dict", 0, 0, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_grew_is_told),
		cmocka_unit_test(what_did_not_grow_has_a_length),
		cmocka_unit_test(what_was_not_there_was_empty),
		cmocka_unit_test(what_is_not_sure_is_not_told),
		cmocka_unit_test(without_notes_nothing_is_known),
		cmocka_unit_test(tuples_are_not_noted),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(keys_and_their_values_count_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
