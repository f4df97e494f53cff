/* SPDX-License-Identifier: MIT */
/* block.h - enter and leave a Profile or Trace. */
#ifndef PMT_PROFILE_BLOCK_H
#define PMT_PROFILE_BLOCK_H

#include "profile/profiler.h"

/*
 * Open the log, write its first rows, and let the events come.  Returns 0, or
 * -1 with a Python exception set and everything as it was.  This and the next
 * are called with the switching lock (threads.h).
 */
int profiler_enter(struct profiler *profiler);

/*
 * Let go of the events, wherever among the blocks this one stands, write the
 * last rows and close.  Returns 0, or -1 with OSError set: the log is not
 * whole.
 */
int profiler_exit(struct profiler *profiler);

/* End all blocks, at the end of the interpreter. */
void profiler_exit_all(void);

#endif
