/* SPDX-License-Identifier: MIT */
/* started.h - which programs that were started was nobody traced in? */
#ifndef PMT_RUN_STARTED_H
#define PMT_RUN_STARTED_H

#include "run/board.h"

/*
 * Say in one line how many programs the traced ones started and are not
 * followed, and name the Pythons among them; in another, why the last one that
 * was to be followed could not.  Says nothing if there are none.
 */
void run_started_report(const struct run_board *board);

#endif
