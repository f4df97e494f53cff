/* SPDX-License-Identifier: MIT */
/* children.h - which logs did children leave, and are they whole? */
#ifndef PMT_RUN_CHILDREN_H
#define PMT_RUN_CHILDREN_H

#include <stddef.h>

#include "run/board.h"

/*
 * Call EACH with the path of each log that children, forked or followed, wrote
 * beside LOG, and of the one that the program wrote before it became another
 * one.  Returns how many there are.
 */
size_t run_children_each(const struct run_board *board, const char *log,
			 void (*each)(const char *path, void *context),
			 void *context);

/*
 * Count them.  Those of processes that have died get the rows that stayed in
 * their tail files: workers seldom end so that they could close a log.
 */
size_t run_children_close_logs(const struct run_board *board, const char *log);

#endif
