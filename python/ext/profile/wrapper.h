/* SPDX-License-Identifier: MIT */
/* wrapper.h - trace_file_wrapper, the inner object of pymemtrace's tracers. */
#ifndef PMT_PROFILE_WRAPPER_H
#define PMT_PROFILE_WRAPPER_H

#include "profile/profiler.h"

/* The type of trace_file_wrapper, once.  0, or -1 with an exception set. */
int profiler_wrapper_init(void);

/* A new trace_file_wrapper of PROFILER, or NULL with an exception set. */
PyObject *profiler_wrapper_new(struct profiler *profiler);

#endif
