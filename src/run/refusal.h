/* SPDX-License-Identifier: MIT */
/* refusal.h - why can a program that runs already not be traced? */
#ifndef PMT_RUN_REFUSAL_H
#define PMT_RUN_REFUSAL_H

#include <sys/types.h>

#include "attach/attach.h"

/*
 * Print one line: what ERR, of pmt_attach_open() or pmt_attach_post(), means
 * for PID, and how it may be allowed.  PACKAGE tells which Pythons are served,
 * or is NULL.
 */
void run_refusal_explain(pid_t pid, const struct pmt_attach *attach, int err,
			 const char *package);

#endif
