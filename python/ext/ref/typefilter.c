/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/typefilter.h"

#include <string.h>

#include "base/common.h"

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

bool
type_filter_wants(const struct type_filter *filter, const PyTypeObject *type,
		  const char *tp_name, const char *qualified)
{
	if (type == &PyFrame_Type || type == &PyCode_Type ||
	    strncmp(tp_name, "pmt.", 4) == 0)
		return false;
	if (!filter->builtins && is_builtin(type))
		return false;
	if (patterns_match(&filter->exclude, tp_name) ||
	    patterns_match(&filter->exclude, qualified))
		return false;
	return !filter->include.given ||
	       patterns_match(&filter->include, tp_name) ||
	       patterns_match(&filter->include, qualified);
}
