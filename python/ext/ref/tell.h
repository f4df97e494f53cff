/* SPDX-License-Identifier: MIT */
/* tell.h - what do the books of a tracing come to, for another log? */
#ifndef PMT_REF_TELL_H
#define PMT_REF_TELL_H

#include "module/compat.h"

/*
 * A method of ReferenceTracing, with format="books": collect garbage, end
 * counting, and return a list of messages (lib/books/told.h).  The exit is then
 * all that is left to do.
 */
PyObject *ref_tell(PyObject *self, PyObject *args);

#endif
