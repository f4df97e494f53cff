/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/measure.h"

#include "base/common.h"

/* Of these it is known that they only add up. */
static const char *const resized[] = {
	"bytearray", "list", "dict", "set", "frozenset", "collections.deque",
	"collections.OrderedDict", "array.array", "_io.BytesIO",
	"numpy.ndarray",
};

/* Python code can take the name of such a type, but cannot make one. */
static bool
is_resized(const PyTypeObject *type)
{
	if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 &&
	    (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) == 0)
		return false;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(resized); i++) {
		if (strcmp(type->tp_name, resized[i]) == 0)
			return true;
	}
	return false;
}

/* These stay as they are, but have no size yet when they are made. */
static bool
has_late_size(const PyTypeObject *type, const PyTypeObject *base)
{
	return base == &PyUnicode_Type || base == &PyLong_Type ||
	       (base == &PyBaseObject_Type && type->tp_itemsize != 0);
}

PyCFunction
measure_of(const PyTypeObject *type, bool late)
{
	PyObject *bases = type->tp_mro;
	Py_ssize_t count = bases == NULL || COMPAT_FREE_THREADED
				   ? 0 : PyTuple_GET_SIZE(bases);

	for (Py_ssize_t i = 0; i < count; i++) {
		const PyTypeObject *base =
			(const PyTypeObject *)PyTuple_GET_ITEM(bases, i);
		const PyMethodDef *method = base->tp_methods;

		if (method == NULL ||
		    !(is_resized(base) || (late && has_late_size(type, base))))
			continue;
		for (; method->ml_name != NULL; method++) {
			if (strcmp(method->ml_name, "__sizeof__") == 0 &&
			    method->ml_flags == METH_NOARGS)
				return method->ml_meth;
		}
	}
	return NULL;
}

size_t
measure_object(PyObject *object, PyCFunction function)
{
	PyObject *number = function(object, NULL);
	size_t size = number == NULL ? (size_t)-1 : PyLong_AsSize_t(number);

	Py_XDECREF(number);
	if (size == (size_t)-1) {
		PyErr_Clear();
		return 0;
	}
	return size + compat_pre_header(Py_TYPE(object));
}
