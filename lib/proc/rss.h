/* SPDX-License-Identifier: MIT */
/* rss.h - how much of a process is in memory right now? */
#ifndef PMT_RSS_H
#define PMT_RSS_H

#include <stdint.h>
#include <sys/types.h>

#include "../base/common.h"	/* installed as well */

/*
 * A process being watched.  Open once, read on every event, close.  It names
 * a process, not "me": after fork(2) the child's copy still watches the parent.
 */
struct pmt_rss;

/*
 * Start watching PID; 0 is the caller.  On success *out is the caller's to
 * close.  Returns 0 or -errno: -ESRCH, no such process; -EACCES, not ours.
 */
int pmt_rss_open(pid_t pid, struct pmt_rss **out)
	PMT_PUBLIC PMT_MUST_CHECK;

/*
 * Bytes resident now.  Needs no GIL and may be called from any thread.
 * Returns 0 or -errno: -ESRCH once the process is gone.
 */
int pmt_rss_read(const struct pmt_rss *rss, uint64_t *bytes)
	PMT_PUBLIC PMT_MUST_CHECK;

/* Stop watching.  NULL is allowed. */
void pmt_rss_close(struct pmt_rss *rss) PMT_PUBLIC;

#endif
