/* SPDX-License-Identifier: MIT */
/* How many bytes an object has, by its known layout. */
#include <config.h>

#include "heap/walk.h"
#include "module/compat_frames.h"
#include "module/compat_layout.h"

#if COMPAT_HEAP

static size_t
str_size(PyObject *text)
{
	size_t size, length = (size_t)PyUnicode_GET_LENGTH(text);

	if (!compat_is_ready(text))
		return (size_t)Py_TYPE(text)->tp_basicsize;
	if (PyUnicode_IS_COMPACT_ASCII(text))
		return sizeof(PyASCIIObject) + length + 1;
	size = PyUnicode_IS_COMPACT(text) ? sizeof(PyCompactUnicodeObject)
					  : sizeof(PyUnicodeObject);
	return size + (length + 1) * (size_t)PyUnicode_KIND(text);
}

static size_t
set_size(PyObject *object)
{
	PySetObject *set = (PySetObject *)object;

	return set->table == set->smalltable
		? 0 : ((size_t)set->mask + 1) * sizeof(setentry);
}

/* What lies outside of the object itself and belongs to it alone. */
static size_t
outside(PyObject *object)
{
	if (PyList_Check(object))
		return (size_t)((PyListObject *)object)->allocated *
		       sizeof(PyObject *);
	if (PyDict_Check(object))
		return compat_dict_size((PyDictObject *)object);
	if (PyAnySet_Check(object))
		return set_size(object);
	if (PyByteArray_Check(object))
		return compat_bytearray_size((PyByteArrayObject *)object);
	return heap_array_size(object);
}

static size_t
items(PyObject *object)
{
	Py_ssize_t count;

	if (PyLong_Check(object))
		return compat_long_items(object);
	count = compat_frame_items(object);
	if (count == -1)
		count = Py_SIZE(object);
	return (size_t)(count < 0 ? -count : count);
}

size_t
heap_walk_size(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);
	size_t size = (size_t)type->tp_basicsize;

	if (PyUnicode_Check(object)) {
		size_t text = str_size(object);

		return PyUnicode_CheckExact(object)
			? text : compat_header_size(object) + size + text -
					 sizeof(PyUnicodeObject);
	}
	if (PyType_Check(object))
		return compat_header_size(object) +
		       compat_type_size((PyTypeObject *)object);
	if (PyCode_Check(object))
		return compat_code_size((PyCodeObject *)object);
	if (type->tp_itemsize != 0)
		size += (size_t)type->tp_itemsize * items(object);
	return compat_header_size(object) + size + outside(object);
}

#endif
