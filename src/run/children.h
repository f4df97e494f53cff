/* SPDX-License-Identifier: MIT */
/* children.h - which logs did forked children leave, and are they whole? */
#ifndef PMT_RUN_CHILDREN_H
#define PMT_RUN_CHILDREN_H

#include <stddef.h>

#include "run/board.h"

/*
 * Count the logs that forked children wrote beside LOG.  Those of children
 * that have died get the rows that stayed in their tail files: worker processes
 * seldom end so that they could close a log.
 */
size_t run_children_close_logs(const struct run_board *board, const char *log);

#endif
