/* SPDX-License-Identifier: MIT */
/* Which reference of an object is which attribute, item or variable. */
#include <config.h>

#include "heap/walk.h"
#include "module/compat_layout.h"

#if COMPAT_HEAP

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

static void
name_by_type(struct heap_walk *walk, PyObject *object)
{
	if (PyFunction_Check(object))
		name_function(walk, object);
	else if (PyType_Check(object))
		name_type(walk, object);
	else if (PyModule_Check(object))
		heap_walk_label(walk, PyModule_GetDict(object), PMT_EDGE_DICT);
	else if (PyExceptionInstance_Check(object))
		name_exception(walk, object);
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
