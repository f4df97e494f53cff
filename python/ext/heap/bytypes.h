/* SPDX-License-Identifier: MIT */
/* bytypes.h - who holds the objects of the types that a log counts? */
#ifndef PMT_HEAP_BYTYPES_H
#define PMT_HEAP_BYTYPES_H

#include "module/compat.h"

/* For reports, in the order in which they are called.  They need the GIL. */
PyObject *heap_note(PyObject *module, PyObject *kinds);
PyObject *heap_holders_begin(PyObject *module, PyObject *const *args,
			     Py_ssize_t count);
PyObject *heap_holders_wait(PyObject *module, PyObject *block);
PyObject *heap_holders_take(PyObject *module, PyObject *args);

extern const char heap_note_doc[];
extern const char heap_holders_begin_doc[];
extern const char heap_holders_wait_doc[];
extern const char heap_holders_take_doc[];

#endif
