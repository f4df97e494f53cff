/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/text.h"

#include <stdio.h>

#include "module/compat_heap.h"

/* Bytes of the UTF-8 of CODE at OUT, which has room for four. */
static size_t
encode(Py_UCS4 code, char *out)
{
	if (code < 0x80) {
		out[0] = code < 0x20 || code == 0x7f ? '?' : (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code >= 0xd800 && code < 0xe000)
		return encode('?', out);
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

size_t
heap_text_of(PyObject *text, char *out, size_t size)
{
	size_t used = 0;

	if (text == NULL || !PyUnicode_Check(text) ||
	    !compat_is_ready(text)) {
		out[used++] = '?';
	} else {
		Py_ssize_t length = PyUnicode_GET_LENGTH(text);
		const void *data = PyUnicode_DATA(text);
		int kind = PyUnicode_KIND(text);

		for (Py_ssize_t i = 0; i < length && used + 5 < size; i++)
			used += encode(PyUnicode_READ(kind, data, i),
				       out + used);
	}
	out[used] = '\0';
	return used;
}

/* __module__, without a lookup that might run the __eq__ of a key. */
static PyObject *
module_of(PyTypeObject *type)
{
	PyObject *dict = type->tp_dict, *key, *value;
	Py_ssize_t pos = 0;

	while (dict != NULL && PyDict_Next(dict, &pos, &key, &value))
		if (PyUnicode_CheckExact(key) &&
		    PyUnicode_CompareWithASCIIString(key, "__module__") == 0)
			return value;
	return NULL;
}

size_t
heap_type_name(PyTypeObject *type, char *out, size_t size)
{
	size_t used = 0;
	PyObject *module;

	if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) {
		int n = snprintf(out, size, "%s", type->tp_name);

		return n < (int)size ? (size_t)n : size - 1;
	}
	module = module_of(type);
	if (module != NULL && PyUnicode_Check(module) &&
	    PyUnicode_CompareWithASCIIString(module, "builtins") != 0) {
		used = heap_text_of(module, out, size / 2);
		out[used++] = '.';
	}
	return used + heap_text_of(((PyHeapTypeObject *)type)->ht_qualname,
				   out + used, size - used);
}
