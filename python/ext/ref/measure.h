/* SPDX-License-Identifier: MIT */
/* measure.h - how large is an object by now? */
#ifndef PMT_REF_MEASURE_H
#define PMT_REF_MEASURE_H

#include "module/compat.h"

/*
 * The __sizeof__ of objects of TYPE if they can change their size, or are LATE:
 * their size was not known when they were made; and if it runs no Python code;
 * else NULL.  In a free-threaded build always NULL: what another thread works
 * at cannot be measured.
 */
PyCFunction measure_of(const PyTypeObject *type, bool late);

/*
 * Bytes of OBJECT, garbage collector's header included, by FUNCTION of its
 * type.  Makes and destroys an int.  Returns 0 where that fails.
 */
size_t measure_object(PyObject *object, PyCFunction function);

#endif
