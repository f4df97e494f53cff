/* SPDX-License-Identifier: MIT */
/* The references of one object, and how each is written. */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include <string.h>

/* Keys of larger dicts are data, not names. */
enum { NAMED_KEYS = 4096 };

static int
visit(PyObject *object, void *arg)
{
	heap_walk_edge(arg, object, PMT_EDGE_INSIDE);
	return 0;
}

static void
visit_part(PyObject *object, const char *name, void *arg)
{
	struct heap_walk *walk = arg;

	if (object != NULL)
		heap_walk_edge(walk, object, name == NULL ? PMT_EDGE_INSIDE
			       : heap_walk_attribute(walk, name));
}

/*
 * Keys that are all str are skipped by a dict's own traversal; those shared
 * with other dicts are referred to once, by the type.  Interned keys are those
 * that stand in the source, attributes above all: paths bear their names.
 */
static void
visit_dict(struct heap_walk *walk, PyObject *dict)
{
	bool named = PyDict_GET_SIZE(dict) <= NAMED_KEYS;
	bool shared = ((PyDictObject *)dict)->ma_values != NULL;
	PyObject *key, *value;
	Py_ssize_t pos = 0;

	while (PyDict_Next(dict, &pos, &key, &value)) {
		bool name = named && PyUnicode_CheckExact(key) &&
			    PyUnicode_CHECK_INTERNED(key);

		heap_walk_edge(walk, value, name
			       ? heap_walk_name(walk, key, PMT_NAMED_KEY)
			       : PMT_EDGE_VALUE);
		if (!shared)
			heap_walk_edge(walk, key, PMT_EDGE_KEY);
	}
}

static void
visit_items(struct heap_walk *walk, PyObject *const *item, Py_ssize_t count)
{
	for (Py_ssize_t i = 0; i < count; i++)
		heap_walk_edge(walk, item[i], PMT_EDGE_ITEM);
}

/* A static type is not traversed. */
static void
visit_static_type(struct heap_walk *walk, PyTypeObject *type)
{
	heap_walk_edge(walk, compat_type_dict(type), PMT_EDGE_DICT);
	heap_walk_edge(walk, type->tp_bases,
		       heap_walk_attribute(walk, "__bases__"));
	heap_walk_edge(walk, type->tp_mro,
		       heap_walk_attribute(walk, "__mro__"));
	heap_walk_edge(walk, (PyObject *)type->tp_base,
		       heap_walk_attribute(walk, "__base__"));
	pmt_heap_root(walk->heap, walk->heap->walked, PMT_ROOT_TYPE,
		      type->tp_name, strlen(type->tp_name));
}

/* Change the marks of all keys of DICT: SET some, or clear MARKS. */
static void
mark_keys(struct heap_walk *walk, PyObject *dict, uint8_t marks, bool set)
{
	struct pmt_heap *heap = walk->heap;
	PyObject *key, *value;
	Py_ssize_t pos = 0;

	while (PyDict_Next(dict, &pos, &key, &value)) {
		uint32_t node = pmt_heap_find(heap, (uintptr_t)key);

		if (node == PMT_NO_NODE)
			continue;
		heap->marks[node] = (uint8_t)(heap->marks[node] & ~marks);
		heap->marks[node] |= set ? marks : 0;
	}
}

/* One edge for each key; an OrderedDict refers to it once more.  Any at all? */
static bool
label_keys(struct pmt_heap *heap, uint32_t first)
{
	bool any = false;

	for (uint32_t i = first; i < heap->edges; i++) {
		uint8_t *marks = &heap->marks[heap->target[i]];

		if (!(*marks & PMT_MARK_KEY) ||
		    heap->label[i] != PMT_EDGE_VALUE)
			continue;
		heap->label[i] = *marks & PMT_MARK_MET ? PMT_EDGE_INSIDE
						       : PMT_EDGE_KEY;
		*marks |= PMT_MARK_MET;
		any = true;
	}
	return any;
}

/* Does a dict of a class's own show its keys, like a plain one? */
static void
visit_keys(struct heap_walk *walk, PyObject *dict, uint32_t first)
{
	PyObject *key, *value;
	Py_ssize_t pos = 0;
	bool visited;

	if (((PyDictObject *)dict)->ma_values != NULL)
		return;
	mark_keys(walk, dict, PMT_MARK_KEY, true);
	visited = label_keys(walk->heap, first);
	mark_keys(walk, dict, PMT_MARK_KEY | PMT_MARK_MET, false);
	while (!visited && PyDict_Next(dict, &pos, &key, &value))
		heap_walk_edge(walk, key, PMT_EDGE_KEY);
}

/* Items are traversed from the last to the first. */
static void
turn_items(struct pmt_heap *heap, uint32_t first)
{
	uint32_t last = heap->edges;

	while (first < last && heap->label[first] != PMT_EDGE_ITEM)
		first++;
	while (last > first && heap->label[last - 1] != PMT_EDGE_ITEM)
		last--;
	for (; first + 1 < last; first++) {
		uint32_t target = heap->target[first];

		heap->target[first] = heap->target[--last];
		heap->target[last] = target;
	}
}

/* Its attributes have names; what it keeps elsewhere has none. */
static void
put_attributes_first(struct pmt_heap *heap, PyObject *module, uint32_t first)
{
	uint32_t dict = pmt_heap_find(heap,
				      (uintptr_t)PyModule_GetDict(module));
	uint32_t i = first;

	while (i < heap->edges && heap->target[i] != dict)
		i++;
	if (i == heap->edges)
		return;
	heap->target[i] = heap->target[first];
	heap->label[i] = heap->label[first];
	heap->target[first] = dict;
	heap->label[first] = PMT_EDGE_DICT;
}

/* What a traversal left unnamed lies in the container. */
static void
visit_contents(struct heap_walk *walk, PyObject *object, uint32_t first)
{
	struct pmt_heap *heap = walk->heap;
	uint32_t label = PMT_EDGE_INSIDE;

	if (PyDict_Check(object))
		label = PMT_EDGE_VALUE;
	else if (PyAnySet_Check(object))
		label = PMT_EDGE_KEY;
	else if (PyList_Check(object) || PyTuple_Check(object) ||
		 strcmp(Py_TYPE(object)->tp_name, "collections.deque") == 0)
		label = PMT_EDGE_ITEM;
	for (uint32_t i = first; i < heap->edges; i++)
		if (heap->label[i] == PMT_EDGE_INSIDE)
			heap->label[i] = label;
	if (PyDict_Check(object))
		visit_keys(walk, object, first);
	else if (PyList_Check(object) || PyTuple_Check(object))
		turn_items(heap, first);
}

/* Does an edge drawn from FIRST on lead to TYPE? */
static bool
leads_to(const struct pmt_heap *heap, uint32_t first, PyTypeObject *type)
{
	uint32_t node = pmt_heap_find(heap, (uintptr_t)type);

	for (uint32_t i = first; i < heap->edges; i++)
		if (heap->target[i] == node)
			return true;
	return false;
}

static void
visit_others(struct heap_walk *walk, PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);
	uint32_t first = walk->heap->edges;

	if (PyCode_Check(object)) {
		compat_code_parts((PyCodeObject *)object, visit_part, walk);
		return;
	}
	heap_walk_array(walk, object);
	if (!PyObject_IS_GC(object) || type->tp_traverse == NULL)
		return;
	if (PyType_Check(object) &&
	    !(((PyTypeObject *)object)->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
		visit_static_type(walk, (PyTypeObject *)object);
		return;
	}
	(void)type->tp_traverse(object, visit, walk);
	/* Types of extensions had to visit it from 3.9 on; not all do. */
	if (COMPAT_TYPE_NOT_VISITED && type->tp_flags & Py_TPFLAGS_HEAPTYPE &&
	    !leads_to(walk->heap, first, type))
		heap_walk_edge(walk, (PyObject *)type, PMT_EDGE_CLASS);
	heap_walk_names(walk, object);
	visit_contents(walk, object, first);
	if (PyModule_Check(object))
		put_attributes_first(walk->heap, object, first);
}

void
heap_walk_object(struct heap_walk *walk, PyObject *object)
{
	if (PyDict_CheckExact(object))
		visit_dict(walk, object);
	else if (PyList_CheckExact(object))
		visit_items(walk, ((PyListObject *)object)->ob_item,
			    PyList_GET_SIZE(object));
	else if (PyTuple_CheckExact(object))
		visit_items(walk, ((PyTupleObject *)object)->ob_item,
			    PyTuple_GET_SIZE(object));
	else if (!PyUnicode_CheckExact(object) && !PyLong_CheckExact(object) &&
		 !PyBytes_CheckExact(object) && !PyFloat_CheckExact(object))
		visit_others(walk, object);
}

#endif
