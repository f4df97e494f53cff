/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include <errno.h>
#include <string.h>

#include "heap/child.h"
#include "heap/text.h"

void
heap_walk_edge(struct heap_walk *walk, PyObject *object, uint32_t label)
{
	uint32_t node;

	if (object == NULL)
		return;
	node = pmt_heap_add(walk->heap, (uintptr_t)object);
	pmt_heap_edge(walk->heap, node, label);
	if (node != PMT_NO_NODE)
		walk->heap->spare[node]--;
}

void
heap_walk_uncount(struct heap_walk *walk, PyObject *object)
{
	uint32_t node = pmt_heap_find(walk->heap, (uintptr_t)object);

	if (node != PMT_NO_NODE)
		walk->heap->spare[node]++;
}

void
heap_walk_label(struct heap_walk *walk, PyObject *object, uint32_t label)
{
	struct pmt_heap *heap = walk->heap;
	uint32_t node;

	if (object == NULL)
		return;
	node = pmt_heap_find(heap, (uintptr_t)object);
	for (uint32_t i = heap->first[heap->walked]; i < heap->edges; i++)
		if (heap->target[i] == node &&
		    heap->label[i] < PMT_EDGE_NAMES &&
		    heap->label[i] != PMT_EDGE_DICT) {
			heap->label[i] = label;
			return;
		}
}

/* A label for name NUMBER, or none if there is no memory for it. */
static uint32_t
label_for(uint32_t number, unsigned int kind)
{
	return number == PMT_NO_NAME ? PMT_EDGE_INSIDE
				     : pmt_edge_named(number, kind);
}

uint32_t
heap_walk_name(struct heap_walk *walk, PyObject *name, unsigned int kind)
{
	struct pmt_names *names = &walk->heap->names;
	uint32_t number = pmt_names_known(names, (uintptr_t)name);
	char text[HEAP_NAME_SIZE];

	if (number == PMT_NO_NAME) {
		size_t length = heap_text_of(name, text, sizeof(text));

		number = pmt_names_add(names, text, length);
		if (number != PMT_NO_NAME)
			pmt_names_remember(names, (uintptr_t)name, number);
	}
	return label_for(number, kind);
}

uint32_t
heap_walk_attribute(struct heap_walk *walk, const char *name)
{
	return label_for(pmt_names_add(&walk->heap->names, name, strlen(name)),
			 PMT_NAMED_ATTRIBUTE);
}

static uint32_t
type_number(struct heap_walk *walk, PyTypeObject *type)
{
	struct pmt_names *names = &walk->heap->names;
	uint32_t number = pmt_names_known(names, (uintptr_t)type);
	char text[HEAP_NAME_SIZE];

	if (number != PMT_NO_NAME)
		return number;
	number = pmt_names_add(names, text,
			       heap_type_name(type, text, sizeof(text)));
	if (number == PMT_NO_NAME)
		walk->heap->err = -ENOMEM;
	else
		pmt_names_remember(names, (uintptr_t)type, number);
	return number;
}

/* False: there is no memory for more. */
static bool
add_tracked(struct heap_walk *walk, PyObject *object, unsigned int generation)
{
	uint32_t node = pmt_heap_add(walk->heap, (uintptr_t)object);

	if (node == PMT_NO_NODE)
		return false;
	walk->heap->marks[node] = (uint8_t)(generation | PMT_MARK_TRACKED);
	return true;
}

#if COMPAT_FREE_THREADED

static void
add_all_tracked(struct heap_walk *walk)
{
	PyObject *object;

	for (size_t i = 0; (object = heap_child_tracked(i)) != NULL; i++)
		if (!add_tracked(walk, object, 0))
			return;
}

#else

static void
add_all_tracked(struct heap_walk *walk)
{
	for (int i = 0; i < COMPAT_GENERATIONS; i++) {
		const PyGC_Head *head = compat_generation(walk->interp, i);

		for (const PyGC_Head *at = compat_gc_next(head); at != head;
		     at = compat_gc_next(at))
			if (!add_tracked(walk, compat_from_gc(at),
					 (unsigned int)i))
				return;
	}
}

#endif

static void
walk_node(struct heap_walk *walk)
{
	struct pmt_heap *heap = walk->heap;
	uint32_t node = heap->walked;
	uint64_t address = pmt_heap_address(heap, node);
	PyObject *object = (PyObject *)address;

	if (heap->marks[node] & PMT_MARK_PSEUDO) {
		heap_walk_frame(walk, (compat_frame_t *)(address & ~1ul));
	} else {
		heap->type[node] = type_number(walk, Py_TYPE(object));
		pmt_heap_size(heap, node, heap_walk_size(object));
		heap_walk_object(walk, object);
	}
	pmt_heap_walked(heap);
}

/* Until now SPARE counts the edges, downwards. */
static void
count_spare(struct pmt_heap *heap)
{
	for (uint32_t i = 0; i < heap->nodes; i++) {
		PyObject *object = (PyObject *)pmt_heap_address(heap, i);

		if (heap->marks[i] & PMT_MARK_PSEUDO ||
		    compat_is_uncounted(object))
			heap->spare[i] = 0;
		else
			heap->spare[i] += (int32_t)Py_MIN(Py_REFCNT(object),
							  INT32_MAX / 2);
	}
}

int
heap_walk(struct pmt_heap *heap)
{
	struct heap_walk walk = { heap, PyThreadState_Get()->interp };
	int err = pmt_heap_init(heap, 0, 0);

	if (err < 0)
		return err;
	add_all_tracked(&walk);
	heap_walk_roots(&walk);
	while (heap->walked < heap->nodes && heap->err == 0)
		walk_node(&walk);
	if (heap->err == 0) {
		count_spare(heap);
		heap_walk_stacks(&walk);
	}
	err = heap->err;
	if (err < 0)
		pmt_heap_fini(heap);
	return err;
}

#endif
