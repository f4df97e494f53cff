/* SPDX-License-Identifier: MIT */
/* type.h - what does Python see of Profile and Trace? */
#ifndef PMT_PROFILER_TYPE_H
#define PMT_PROFILER_TYPE_H

#include "profile/rows.h"

/*
 * Functions that return a PyObject give a new reference, or NULL with an
 * exception set, and are called ONE_AT_A_TIME (threads.h).
 */

/* Add the row of a MSG for METHOD, which a message of a wrong type names. */
PyObject *profiler_write_message(struct profiler *profiler, const char *method,
				 PyObject *message);

/* Path of the log, or None while it is not known. */
PyObject *profiler_path(struct profiler *profiler);

/* One of the numbers that events change. */
uint64_t profiler_number(const uint64_t *number);

/* The type of trace_file_wrapper, once.  0, or -1 with an exception set. */
int profiler_wrapper_init(void);

/* A trace_file_wrapper of PROFILER. */
PyObject *profiler_wrapper_new(struct profiler *profiler);

/* What the module offers besides the types. */
extern PyMethodDef profiler_functions[];

#endif
