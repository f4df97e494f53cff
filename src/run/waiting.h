/* SPDX-License-Identifier: MIT */
/* waiting.h - what keeps a program that runs from what it was told? */
#ifndef PMT_RUN_WAITING_H
#define PMT_RUN_WAITING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The longest text, with its NUL. */
#define RUN_WAITING_TEXT 80

/*
 * What the main thread of PID is at, as in "its main thread waits in
 * select(2)".  Returns TEXT.
 */
const char *run_waiting_describe(pid_t pid, char text[RUN_WAITING_TEXT]);

/*
 * Say that, and that we wait for PID: LIMIT ns in all, or until we are asked to
 * stop if that is 0.  POSTED: it has been told; if not, there is no moment at
 * which it could be.
 */
void run_waiting_tell(pid_t pid, bool posted, uint64_t limit);

#endif
