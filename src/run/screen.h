/* SPDX-License-Identifier: MIT */
/* screen.h - what does pmt-analyse say of a log, in brief? */
#ifndef PMT_RUN_SCREEN_H
#define PMT_RUN_SCREEN_H

#include "base/common.h"

/*
 * Have the pmt-analyse beside this program, or that of PATH, print its brief
 * report of LOG to standard error.  Returns 0 or -errno: it cannot be run.
 */
int run_screen_print(const char *log) PMT_MUST_CHECK;

#endif
