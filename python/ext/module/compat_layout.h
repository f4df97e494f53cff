/* SPDX-License-Identifier: MIT */
/* compat_layout.h - where are the attributes of an object, how large is it? */
#ifndef PMT_COMPAT_LAYOUT_H
#define PMT_COMPAT_LAYOUT_H

#include "module/compat_heap.h"

#if COMPAT_HEAP

/*
 * The attributes of an instance: its dict, borrowed, if it has one; VISIT gets
 * those that stand in the object itself, named by str objects.
 */
typedef void compat_visit_attribute(PyObject *value, PyObject *name, void *arg);

#if PY_VERSION_HEX >= 0x030b0000

static inline void
compat_inline_values(PyTypeObject *type, PyDictValues *values,
		     compat_visit_attribute *visit, void *arg)
{
	PyDictKeysObject *keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
	Py_ssize_t count = keys == NULL ? 0 : keys->dk_nentries;

#if PY_VERSION_HEX >= 0x030d0000
	count = Py_MIN(count, values->capacity);
#endif
	for (Py_ssize_t i = 0; i < count; i++)
		if (values->values[i] != NULL)
			visit(values->values[i],
			      DK_UNICODE_ENTRIES(keys)[i].me_key, arg);
}

#endif

static inline PyObject *
compat_instance_dict(PyObject *object, compat_visit_attribute *visit, void *arg)
{
	PyTypeObject *type = Py_TYPE(object);
#if PY_VERSION_HEX >= 0x030d0000
	if (type->tp_flags & Py_TPFLAGS_INLINE_VALUES &&
	    _PyObject_InlineValues(object)->valid)
		compat_inline_values(type, _PyObject_InlineValues(object),
				     visit, arg);
	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)
		return (PyObject *)_PyObject_GetManagedDict(object);
#elif PY_VERSION_HEX >= 0x030c0000
	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
		PyDictOrValues both = *_PyObject_DictOrValuesPointer(object);

		if (!_PyDictOrValues_IsValues(both))
			return _PyDictOrValues_GetDict(both);
		if (_PyDictOrValues_GetValues(both) != NULL)
			compat_inline_values(type,
				_PyDictOrValues_GetValues(both), visit, arg);
		return NULL;
	}
#elif PY_VERSION_HEX >= 0x030b0000
	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
		PyDictValues *values = *_PyObject_ValuesPointer(object);

		if (values == NULL)
			return *_PyObject_ManagedDictPointer(object);
		compat_inline_values(type, values, visit, arg);
		return NULL;
	}
#endif
	(void)visit;
	(void)arg;
	if (type->tp_dictoffset > 0)
		return *(PyObject **)((uintptr_t)object +
				      (uintptr_t)type->tp_dictoffset);
	if (type->tp_dictoffset < 0) {
		PyObject **dict = _PyObject_GetDictPtr(object);

		return dict == NULL ? NULL : *dict;
	}
	return NULL;
}

/* Bytes before an object that belong to it. */
static inline size_t
compat_header_size(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);
	size_t size = 0;

	if (!COMPAT_FREE_THREADED && PyObject_IS_GC(object))
		size += sizeof(PyGC_Head);
#if PY_VERSION_HEX >= 0x030c0000
	if (type->tp_flags & Py_TPFLAGS_PREHEADER)
		size += 2 * sizeof(PyObject *);
#elif PY_VERSION_HEX >= 0x030b0000
	if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)
		size += 2 * sizeof(PyObject *);
#else
	(void)type;
#endif
	return size;
}

/* Digits of an int; __sizeof__ counts one of 0 too, in some versions. */
static inline size_t
compat_long_items(PyObject *number)
{
#if PY_VERSION_HEX >= 0x030c0000
	size_t digits = ((PyLongObject *)number)->long_value.lv_tag >> 3;

	return digits == 0 ? 1 : digits;
#else
	Py_ssize_t size = Py_SIZE(number);

	if (size == 0)
		return PY_VERSION_HEX >= 0x030b0000;
	return (size_t)(size < 0 ? -size : size);
#endif
}

/* Since 3.15 the buffer is a bytes object, which nobody else sees. */
static inline size_t
compat_bytearray_size(PyByteArrayObject *array)
{
	size_t size = (size_t)array->ob_alloc;

	if (PY_VERSION_HEX >= 0x030f0000 && size > 0)
		size += offsetof(PyBytesObject, ob_sval) + 1;
	return size;
}

/* The table of keys, unless it is shared, and the values beside such a one. */
#if PY_VERSION_HEX >= 0x030b0000

static inline size_t
compat_keys_size(PyDictKeysObject *keys)
{
	size_t entry = keys->dk_kind == DICT_KEYS_GENERAL
			       ? sizeof(PyDictKeyEntry)
			       : sizeof(PyDictUnicodeEntry);

	return sizeof(PyDictKeysObject) +
	       ((size_t)1 << keys->dk_log2_index_bytes) +
	       (((size_t)1 << keys->dk_log2_size) << 1) / 3 * entry;
}

static inline size_t
compat_dict_size(PyDictObject *dict)
{
	PyDictKeysObject *keys = dict->ma_keys;
	size_t size = 0;

	if (dict->ma_values != NULL)
		size += (size_t)(keys->dk_nentries + keys->dk_usable) *
			sizeof(PyObject *);
	if (keys->dk_refcnt == 1)
		size += compat_keys_size(keys);
	return size;
}

#else

/* The begin of dict-common.h's struct, which is not installed. */
struct compat_dict_keys {
	Py_ssize_t dk_refcnt;
	Py_ssize_t dk_size;
	void *dk_lookup;
	Py_ssize_t dk_usable;
	Py_ssize_t dk_nentries;
};

static inline size_t
compat_keys_size(const struct compat_dict_keys *keys)
{
	size_t slots = (size_t)keys->dk_size;
	size_t index = slots <= 0xff ? 1 : slots <= 0xffff ? 2
				     : slots <= 0xffffffff ? 4 : 8;

	return sizeof(*keys) + slots * index + (slots << 1) / 3 * 24;
}

static inline size_t
compat_dict_size(PyDictObject *dict)
{
	const struct compat_dict_keys *keys = (void *)dict->ma_keys;
	size_t size = 0;

	if (dict->ma_values != NULL)
		size += (((size_t)keys->dk_size << 1) / 3) * sizeof(PyObject *);
	if (keys->dk_refcnt == 1)
		size += compat_keys_size(keys);
	return size;
}

#endif

static inline size_t
compat_type_size(PyTypeObject *type)
{
	PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
	size_t size;

	if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0)
		return sizeof(PyTypeObject);
	size = (size_t)Py_TYPE(type)->tp_basicsize +
	       (size_t)Py_SIZE(type) * (size_t)Py_TYPE(type)->tp_itemsize;
	(void)heap;
	size = sizeof(PyHeapTypeObject);
	if (heap->ht_cached_keys != NULL)
		size += compat_keys_size((void *)heap->ht_cached_keys);
	return size;
}

static inline size_t
compat_code_size(PyCodeObject *code)
{
	return (size_t)Py_TYPE(code)->tp_basicsize +
	       (size_t)Py_SIZE(code) * (size_t)Py_TYPE(code)->tp_itemsize;
}

#endif

#endif
