/* SPDX-License-Identifier: MIT */
/*
 * pmt.h - what libpmt offers to other programs.
 *
 * Include <pmt/pmt.h> and build with `pkg-config --cflags --libs libpmt`.
 * Only what stands here stays as it is from release to release; the other
 * headers of lib/ serve pmt alone and are not installed.
 *
 * Every call may be made from any thread.  Functions return 0 or a negative
 * errno; out-parameters are set on success only.  The library prints nothing,
 * never exits and keeps no state of its own.
 */
#ifndef PMT_PMT_H
#define PMT_PMT_H

#include "proc/rss.h"		/* how much of a process is in memory? */

#endif
