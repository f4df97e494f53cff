/* SPDX-License-Identifier: MIT */
/* live.h - trace a program that runs already, and leave it as it was. */
#ifndef PMT_RUN_LIVE_H
#define PMT_RUN_LIVE_H

#include "run/board.h"
#include "run/settings.h"

/*
 * Trace the process that OPTIONS name until it ends, for their duration, or
 * until a signal asks us to stop; then report.  Returns our exit status.
 */
int run_live(const struct run_options *options, struct run_board *board);

#endif
