/* SPDX-License-Identifier: MIT */
/* aside.h - what grew, for a log of allocations to say who made it? */
#ifndef PMT_HEAP_ASIDE_H
#define PMT_HEAP_ASIDE_H

#include "module/compat.h"

/* In the order in which they are called; they need the GIL. */
PyObject *heap_aside_begin(PyObject *module, PyObject *args);
PyObject *heap_aside_end(PyObject *module, PyObject *args);

extern const char heap_aside_begin_doc[];
extern const char heap_aside_end_doc[];

#endif
