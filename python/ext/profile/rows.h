/* SPDX-License-Identifier: MIT */
/* rows.h - which events become rows of a Profile or Trace? */
#ifndef PMT_PROFILE_ROWS_H
#define PMT_PROFILE_ROWS_H

#include "profile/profiler.h"

/*
 * An event of TSTATE in CODE at the instruction OFFSET (bytes), or at LINE if
 * that is not 0; CALLEE is the name of a C function or NULL.  False: filtered
 * out, and will be each time.  Makes no Python object, runs no Python code,
 * raises nothing.  The caller has taken events_lock_without_gil().
 */
bool profiler_event(struct profiler *profiler, PyThreadState *tstate,
		    enum pmt_what what, PyCodeObject *code, int offset,
		    int line, const char *callee);

#endif
