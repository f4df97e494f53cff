/* SPDX-License-Identifier: MIT */
/* view.h - what do Profile, Trace and their wrapper show in the same way? */
#ifndef PMT_PROFILE_VIEW_H
#define PMT_PROFILE_VIEW_H

#include "profile/profiler.h"

/*
 * Functions that return a PyObject give a new reference, or NULL with an
 * exception set, and are called ONE_AT_A_TIME (threads.h).
 */

/* Add a MSG row, or to a text log just the message as it is. */
PyObject *profiler_write_message(struct profiler *profiler, PyObject *message);
PyObject *profiler_write_line(struct profiler *profiler, PyObject *message);

/* Path of the log, or None while it is not known. */
PyObject *profiler_path(struct profiler *profiler);

/* One of the numbers that events change. */
uint64_t profiler_number(const uint64_t *number);

#endif
