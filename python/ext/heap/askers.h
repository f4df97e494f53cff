/* SPDX-License-Identifier: MIT */
/* askers.h - holders(): who keeps these objects alive, asked from Python? */
#ifndef PMT_HEAP_ASKERS_H
#define PMT_HEAP_ASKERS_H

#include "module/compat.h"

/* Make the type Holder.  0, or -1 with an exception set. */
int heap_holders_init(PyObject *module);

/* holders(type_or_objects) -> list of Holder.  Needs the GIL. */
PyObject *heap_holders(PyObject *module, PyObject *asked);

extern const char heap_holders_doc[];

#endif
