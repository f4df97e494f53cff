/* SPDX-License-Identifier: MIT */
/* pmtmodule.h - what the parts of the extension add to the module. */
#ifndef PMT_PMTMODULE_H
#define PMT_PMTMODULE_H

#include "module/compat.h"

/*
 * Each adds its types and functions to MODULE.  Returns 0, or -1 with a Python
 * exception set.
 */
int reference_tracing_exec(PyObject *module);
int profiler_exec(PyObject *module);
int heap_exec(PyObject *module);

/* Set OSError of -ERR for the file PATH, or for none if it is NULL. */
void set_os_error(int err, const char *path);

/* Add the type of SPEC, under its name.  0, or -1 with an exception set. */
int add_type(PyObject *module, PyType_Spec *spec);

/*
 * Let atexit call METHOD.  Done late, at the first use of a tracer, since
 * handlers registered later run earlier.  0, or -1 with an exception set.
 */
int call_at_exit(PyMethodDef *method);

/*
 * UTF-8 of the str MESSAGE given to METHOD (utf8.h), the caller's to free.
 * NULL with an exception set: TypeError for what is not a str.
 */
char *message_text(PyObject *message, const char *method, size_t *size);

#endif
