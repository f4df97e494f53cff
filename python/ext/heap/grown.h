/* SPDX-License-Identifier: MIT */
/* grown.h - of what are there more objects than when the program began? */
#ifndef PMT_HEAP_GROWN_H
#define PMT_HEAP_GROWN_H

#include "module/compat.h"

/* For the default run, in the order in which they are called; with the GIL. */
PyObject *heap_grown_begin(PyObject *module, PyObject *args);
PyObject *heap_grown_tell(PyObject *module, PyObject *args);

extern const char heap_grown_begin_doc[];
extern const char heap_grown_tell_doc[];

#endif
