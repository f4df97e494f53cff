/* SPDX-License-Identifier: MIT */
/* monitoring.h - events from sys.monitoring, of CPython 3.12. */
#ifndef PMT_PROFILE_MONITORING_H
#define PMT_PROFILE_MONITORING_H

#include "profile/profiler.h"

/*
 * PROFILER, already on the list, shall get events.  Returns 0, or -1 with a
 * Python exception set.
 */
int profiler_monitoring_attach(struct profiler *profiler);

/*
 * PROFILER, no longer on the list, shall get none.  Returns false if another
 * tool had taken the place, so that events were missed; raises nothing.
 */
bool profiler_monitoring_detach(struct profiler *profiler);

#endif
