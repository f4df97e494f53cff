/* SPDX-License-Identifier: MIT */
/* pmtmodule.h - what the parts of the extension add to the module. */
#ifndef PMT_PMTMODULE_H
#define PMT_PMTMODULE_H

#include "compat.h"

/*
 * Each adds its types and functions to MODULE.  Returns 0, or -1 with a Python
 * exception set.
 */
int reference_tracing_exec(PyObject *module);
int profiler_exec(PyObject *module);

/* Set OSError of -ERR for the file PATH, or for none if it is NULL. */
void set_os_error(int err, const char *path);

#endif
