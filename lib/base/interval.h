/* SPDX-License-Identifier: MIT */
/* interval.h - how does something happen now and then in an idle program? */
#ifndef PMT_INTERVAL_H
#define PMT_INTERVAL_H

#include <stdint.h>

#include "base/common.h"

/*
 * One thread of the process, with all signals blocked, that calls a function
 * every so often.  It ends before each fork(2): CPython warns of forks of a
 * process with threads (3.12), and the function's locks would be copied as they
 * are.  pmt_interval_resume() lets it go on, in both processes.
 */

/*
 * Call CALL every NS nanoseconds; what was called until now no longer is.
 * Returns 0 or -errno.
 */
int pmt_interval_start(uint64_t ns, void (*call)(void)) PMT_MUST_CHECK;

/* Waits for the end of a call: hold no lock that it takes. */
void pmt_interval_stop(void);

/*
 * After a fork: go on.  Does nothing if nothing was started, or that thread
 * runs, or cannot be had just now.  Never waits.
 */
void pmt_interval_resume(void);

#endif
