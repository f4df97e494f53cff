/* SPDX-License-Identifier: MIT */
/* block.h - enter and leave a block of reference tracing, or pause in it. */
#ifndef PMT_REF_BLOCK_H
#define PMT_REF_BLOCK_H

#include "module/compat.h"

/*
 * Methods of ReferenceTracing and ReferenceTracingSimple: a new reference, or
 * NULL with a Python exception set.
 */
PyObject *ref_block_enter(PyObject *self, PyObject *args);
PyObject *ref_block_exit(PyObject *self, PyObject *args);
PyObject *ref_block_suspend(PyObject *self, PyObject *args);
PyObject *ref_block_resume(PyObject *self, PyObject *args);

/* Is OBJECT's block running?  If not, a RuntimeError says so of WHAT. */
struct reference_object;
bool ref_block_check(struct reference_object *object, const char *what);

/*
 * Collect garbage as the options say, once, which ends the time of the traced
 * code; what goes wrong in that is passed over.
 */
void ref_block_collect(struct reference_object *object);

/* Measure and note what there is before functions of atexit run: it counts. */
void ref_block_before_atexit(struct reference_object *object);

#endif
