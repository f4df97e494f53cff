/* SPDX-License-Identifier: MIT */
/* bytypes.h - who holds the objects of the types that a log counts? */
#ifndef PMT_HEAP_BYTYPES_H
#define PMT_HEAP_BYTYPES_H

#include "module/compat.h"

/* _type_holders(names), for reports.  Needs the GIL, released meanwhile. */
PyObject *heap_type_holders(PyObject *module, PyObject *names);

extern const char heap_type_holders_doc[];

#endif
