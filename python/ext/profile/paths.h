/* SPDX-License-Identifier: MIT */
/* paths.h - by which calls did a thread come to an event of a profile? */
#ifndef PMT_PROFILE_PATHS_H
#define PMT_PROFILE_PATHS_H

#include "profile/profiler.h"

/*
 * Where a log tells no paths and no own lines, none of these does anything.
 * Callers have taken events_lock_without_gil(); what is told of in a row lasts
 * until the next call.
 */

/* Look at the frames of TSTATE; the others tell of what is found. */
void profiler_paths_find(const struct profiler *profiler,
			 PyThreadState *tstate);

/* Complete ROW, of an event in CODE that happens now. */
void profiler_paths_event(const struct profiler *profiler,
			  const struct known_code *code,
			  struct pmt_profile_event *row);

/*
 * Complete ROW, of the event before one that is a NEXT; they are of one thread
 * if SAME_THREAD.  What it returned from, or has since called, tells the path.
 */
void profiler_paths_previous(const struct profiler *profiler,
			     enum pmt_what next, bool same_thread,
			     struct pmt_profile_event *row);

/* ROW is where code runs that is no event's; place and all. */
void profiler_paths_place(const struct profiler *profiler,
			  struct pmt_profile_event *row);

#endif
