/* SPDX-License-Identifier: MIT */
/* legacy.h - events from PyEval_SetProfile() and PyEval_SetTrace(). */
#ifndef PMT_PROFILE_LEGACY_H
#define PMT_PROFILE_LEGACY_H

#include "profile/profiler.h"

/*
 * PROFILER, already on the list, shall get events.  Returns 0, or -1 with a
 * Python exception set.
 */
int profiler_legacy_attach(struct profiler *profiler);

/*
 * PROFILER, no longer on the list, shall get none.  Returns false if another
 * tool had taken the place, so that events were missed; raises nothing.
 */
bool profiler_legacy_detach(struct profiler *profiler);

/* A block called as a trace or profile function: (frame, event, arg). */
PyObject *profiler_legacy_call(PyObject *self, PyObject *args,
			       PyObject *kwargs);

#endif
