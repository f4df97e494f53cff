/* SPDX-License-Identifier: MIT */
/* log.h - what does the log of a block tell, besides its events? */
#ifndef PMT_PROFILE_LOG_H
#define PMT_PROFILE_LOG_H

#include "profile/profiler.h"

/* The caller has taken events_lock_without_gil(), unless it says otherwise. */

/*
 * Open the log.  Returns 0, or -1 with a Python exception set.  Called without
 * the lock.
 */
int profiler_log_open(struct profiler *profiler, PyThreadState *tstate);

/* What comes before the first event. */
void profiler_log_begin(struct profiler *profiler, PyThreadState *tstate);

/*
 * Is there a log?  In the child of a fork the first thing to say begins one of
 * its own.
 */
bool profiler_has_log(struct profiler *profiler, PyThreadState *tstate);

/* That child's log, if there can be one.  Called without the lock. */
void profiler_log_inherited(struct profiler *profiler);

/*
 * A MSG row of SIZE bytes of UTF-8, or with BARE just the text; false if the
 * log is closed.  Called without the lock.
 */
bool profiler_message(struct profiler *profiler, const char *text, size_t size,
		      bool bare);

/* Memory as it is at this MOMENT.  Called without the lock. */
void profiler_note(struct profiler *profiler, enum pmt_moment moment);

/*
 * FRST and LAST, the TAG: not events, but where the block begins and ends, so
 * the Python code that runs now.
 */
void profiler_log_end_row(struct profiler *profiler, enum pmt_row tag,
			  PyThreadState *tstate);

#endif
