/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "typefilter.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "utf8.h"

/* The types that pymemtrace calls builtin; here without their subclasses. */
static PyTypeObject *const builtin_types[] = {
	&PyFloat_Type, &PyLong_Type, &PyBool_Type, &PyComplex_Type,
	&PyUnicode_Type, &PyBytes_Type, &PyByteArray_Type, &PyTuple_Type,
	&PyList_Type, &PyDict_Type, &PyDictKeys_Type, &PyDictValues_Type,
	&PyDictItems_Type, &PyODict_Type, &PyFrozenSet_Type, &PySet_Type,
	&PySlice_Type, &PyRange_Type, &PyMethod_Type, &PyInstanceMethod_Type,
	&PyCell_Type, &PyCMethod_Type, &PyFunction_Type, &PySeqIter_Type,
	&PyCallIter_Type, &PyGen_Type, &PyFrameLocalsProxy_Type,
	&PyModule_Type, &_PyWeakref_RefType, &_PyWeakref_ProxyType,
	&_PyWeakref_CallableProxyType, &PyTraceBack_Type, &PyCFunction_Type,
	&PyPickleBuffer_Type, &PyMemoryView_Type,
};

/* CPython's own exceptions are static types, a program's are not. */
static bool
is_builtin_exception(const PyTypeObject *type)
{
	return (type->tp_flags & Py_TPFLAGS_BASE_EXC_SUBCLASS) != 0 &&
	       (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0;
}

static bool
is_builtin(const PyTypeObject *type)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(builtin_types); i++) {
		if (type == builtin_types[i])
			return true;
	}
	return is_builtin_exception(type);
}

static int
add_pattern(struct type_patterns *patterns, PyObject *item,
	    const char *argument)
{
	char **more, *text;
	size_t size;

	if (!PyUnicode_Check(item)) {
		PyErr_Format(PyExc_TypeError,
			     "%s must hold names of types (str), not %.200s",
			     argument, Py_TYPE(item)->tp_name);
		return -1;
	}
	more = realloc(patterns->pattern,
		       (patterns->count + 1) * sizeof(*more));
	if (more == NULL)
		goto no_memory;
	patterns->pattern = more;
	text = utf8_from_str(item, &size);
	if (text == NULL)
		goto no_memory;
	patterns->pattern[patterns->count++] = text;
	return 0;
no_memory:
	PyErr_NoMemory();
	return -1;
}

int
type_patterns_init(struct type_patterns *patterns, PyObject *list,
		   const char *argument)
{
	PyObject *iterator, *item;
	int err = 0;

	memset(patterns, 0, sizeof(*patterns));
	if (list == Py_None)
		return 0;
	/* One name alone is a mistake: its letters would be the patterns. */
	iterator = PyUnicode_Check(list) || PyBytes_Check(list)
			   ? NULL : PyObject_GetIter(list);
	if (iterator == NULL) {
		if (!PyErr_Occurred() ||
		    PyErr_ExceptionMatches(PyExc_TypeError))
			PyErr_Format(PyExc_TypeError,
				     "%s must be an iterable of str, "
				     "not %.200s", argument,
				     Py_TYPE(list)->tp_name);
		return -1;
	}
	patterns->given = true;
	while (err == 0 && (item = PyIter_Next(iterator)) != NULL) {
		err = add_pattern(patterns, item, argument);
		Py_DECREF(item);
	}
	Py_DECREF(iterator);
	if (err == 0 && PyErr_Occurred())
		err = -1;
	if (err < 0)
		type_patterns_fini(patterns);
	return err;
}

void
type_patterns_fini(struct type_patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		free(patterns->pattern[i]);
	free(patterns->pattern);
	memset(patterns, 0, sizeof(*patterns));
}

/* A name with brackets matches itself, whatever it means as a pattern. */
static bool
matches(const struct type_patterns *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (strcmp(patterns->pattern[i], name) == 0 ||
		    fnmatch(patterns->pattern[i], name, 0) == 0)
			return true;
	}
	return false;
}

bool
type_filter_wants(const struct type_filter *filter, const PyTypeObject *type,
		  const char *tp_name, const char *qualified)
{
	if (type == &PyFrame_Type || type == &PyCode_Type ||
	    strncmp(tp_name, "pmt.", 4) == 0)
		return false;
	if (!filter->builtins && is_builtin(type))
		return false;
	if (matches(&filter->exclude, tp_name) ||
	    matches(&filter->exclude, qualified))
		return false;
	return !filter->include.given ||
	       matches(&filter->include, tp_name) ||
	       matches(&filter->include, qualified);
}
