/* SPDX-License-Identifier: MIT */
/* Which reference of an object is which attribute, item or variable. */
#include <config.h>

#include "heap/walk.h"
#include "module/compat_layout.h"

#if COMPAT_HEAP

#include <string.h>

static void
name(struct heap_walk *walk, PyObject *object, const char *attribute)
{
	if (object != NULL)
		heap_walk_label(walk, object,
				heap_walk_attribute(walk, attribute));
}

static void
name_attribute(PyObject *value, PyObject *attribute, void *arg)
{
	heap_walk_label(arg, value,
			heap_walk_name(arg, attribute, PMT_NAMED_ATTRIBUTE));
}

static void
name_function(struct heap_walk *walk, PyObject *object)
{
	PyFunctionObject *function = (PyFunctionObject *)object;

	heap_walk_label(walk, function->func_globals, PMT_EDGE_GLOBALS);
	heap_walk_label(walk, function->func_dict, PMT_EDGE_DICT);
	name(walk, function->func_code, "__code__");
	name(walk, function->func_defaults, "__defaults__");
	name(walk, function->func_kwdefaults, "__kwdefaults__");
	name(walk, function->func_closure, "__closure__");
	name(walk, function->func_annotations, "__annotations__");
}

static void
name_exception(struct heap_walk *walk, PyObject *object)
{
	PyBaseExceptionObject *exception = (PyBaseExceptionObject *)object;

	heap_walk_label(walk, exception->dict, PMT_EDGE_DICT);
	name(walk, exception->args, "args");
	name(walk, exception->traceback, "__traceback__");
	name(walk, exception->context, "__context__");
	name(walk, exception->cause, "__cause__");
}

static void
name_type(struct heap_walk *walk, PyObject *object)
{
	PyTypeObject *type = (PyTypeObject *)object;

	heap_walk_label(walk, type->tp_dict, PMT_EDGE_DICT);
	name(walk, type->tp_mro, "__mro__");
	name(walk, type->tp_bases, "__bases__");
	name(walk, (PyObject *)type->tp_base, "__base__");
}

/* __slots__, and what C types show as members. */
static void
name_members(struct heap_walk *walk, PyObject *object)
{
	for (PyTypeObject *type = Py_TYPE(object); type != NULL;
	     type = type->tp_base) {
		PyMemberDef *member = type->tp_members;

		for (; member != NULL && member->name != NULL; member++) {
			uintptr_t at = (uintptr_t)object +
				       (uintptr_t)member->offset;

			if (member->type == T_OBJECT ||
			    member->type == T_OBJECT_EX)
				name(walk, *(PyObject **)at, member->name);
		}
	}
}

/* The object that edge I leads to. */
static PyObject *
target(const struct heap_walk *walk, uint32_t i)
{
	return (PyObject *)pmt_heap_address(walk->heap,
					    walk->heap->target[i]);
}

static bool
is_named(PyTypeObject *type, const char *name)
{
	return strcmp(type->tp_name, name) == 0;
}

/* A context variable shows its name as a member, like any attribute. */
static PyObject *
variable_name(PyObject *variable)
{
	const PyMemberDef *member = Py_TYPE(variable)->tp_members;

	for (; member != NULL && member->name != NULL; member++)
		if (strcmp(member->name, "name") == 0)
			return *(PyObject **)((uintptr_t)variable +
					      (uintptr_t)member->offset);
	return NULL;
}

/*
 * Context variables stand in a tree of nodes, each value before its variable
 * when that is traversed: the nodes are passed over, values bear the name.
 */
static void
name_variables(struct heap_walk *walk)
{
	struct pmt_heap *heap = walk->heap;

	for (uint32_t i = heap->first[heap->walked]; i < heap->edges; i++) {
		PyObject *next = i + 1 < heap->edges ? target(walk, i + 1)
						     : NULL;

		if (strncmp(Py_TYPE(target(walk, i))->tp_name, "hamt", 4) == 0)
			heap->label[i] = PMT_EDGE_DICT;
		else if (next != NULL && PyContextVar_CheckExact(next))
			heap->label[i] = heap_walk_name(walk,
				variable_name(next), PMT_NAMED_KEY);
	}
}

/* Of _asyncio.Future and Task; elsewhere they stand in attributes. */
static void
name_future(struct heap_walk *walk)
{
	struct pmt_heap *heap = walk->heap;

	for (uint32_t i = heap->first[heap->walked]; i < heap->edges; i++) {
		PyObject *part = target(walk, i);

		if (heap->label[i] != PMT_EDGE_INSIDE)
			continue;
		if (PyCoro_CheckExact(part) || PyGen_CheckExact(part))
			heap->label[i] = heap_walk_attribute(walk, "_coro");
		else if (PyList_CheckExact(part) || PyCallable_Check(part))
			heap->label[i] = heap_walk_attribute(walk,
							     "_callbacks");
	}
}

/* Results, and the keys of those of a bounded one. */
static void
name_cache(struct heap_walk *walk)
{
	struct pmt_heap *heap = walk->heap;

	for (uint32_t i = heap->first[heap->walked]; i < heap->edges; i++)
		if (heap->label[i] == PMT_EDGE_INSIDE)
			heap->label[i] = heap_walk_attribute(walk,
							     "<lru_cache>");
}

static void
name_parts(struct heap_walk *walk, PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	if (PyContext_CheckExact(object) ||
	    strncmp(type->tp_name, "hamt", 4) == 0)
		name_variables(walk);
	else if (is_named(type, "_asyncio.Future") ||
		 is_named(type, "_asyncio.Task"))
		name_future(walk);
	else if (is_named(type, "functools._lru_cache_wrapper"))
		name_cache(walk);
}

static void
name_by_type(struct heap_walk *walk, PyObject *object)
{
	if (PyFunction_Check(object))
		name_function(walk, object);
	else if (PyType_Check(object))
		name_type(walk, object);
	else if (PyExceptionInstance_Check(object))
		name_exception(walk, object);
	else if (PyCFunction_Check(object))
		name(walk, PyCFunction_GET_SELF(object), "__self__");
	else if (PyCell_Check(object))
		name(walk, PyCell_GET(object), "cell_contents");
	else if (PyTraceBack_Check(object))
		name(walk, (PyObject *)((PyTracebackObject *)object)->tb_next,
		     "tb_next");
}

void
heap_walk_names(struct heap_walk *walk, PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	name_by_type(walk, object);
	name_parts(walk, object);
	heap_walk_frame_names(walk, object);
	if (!PyType_Check(object))
		heap_walk_label(walk,
				compat_instance_dict(object, name_attribute,
						     walk),
				PMT_EDGE_DICT);
	name_members(walk, object);
	if (type->tp_flags & Py_TPFLAGS_HEAPTYPE)
		heap_walk_label(walk, (PyObject *)type, PMT_EDGE_CLASS);
}

#endif
