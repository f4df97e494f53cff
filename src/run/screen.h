/* SPDX-License-Identifier: MIT */
/* screen.h - what does pmt-analyse say of a log, in brief? */
#ifndef PMT_RUN_SCREEN_H
#define PMT_RUN_SCREEN_H

#include <stdbool.h>

#include "base/common.h"

/*
 * Have the pmt-analyse beside this program, or that of PATH, print its brief
 * report of LOG to standard error, or with FIRST so much of it as fits 40 lines
 * of a terminal.  Returns 0 or -errno: it cannot be run.
 */
int run_screen_print(const char *log, bool first) PMT_MUST_CHECK;

#endif
