/* SPDX-License-Identifier: MIT */
/* children.h - which logs did children leave, and are they whole? */
#ifndef PMT_RUN_CHILDREN_H
#define PMT_RUN_CHILDREN_H

#include <stddef.h>

#include "run/board.h"

/*
 * Count the logs that children, forked or followed, wrote beside LOG, and the
 * one that the program wrote before it became another one.  Those of processes
 * that have died get the rows that stayed in their tail files: workers seldom
 * end so that they could close a log.
 */
size_t run_children_close_logs(const struct run_board *board, const char *log);

#endif
