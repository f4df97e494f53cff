/* SPDX-License-Identifier: MIT */
/* checks.h - did the program keep within the limits that it was given? */
#ifndef PMT_RUN_CHECKS_H
#define PMT_RUN_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/limits.h"
#include "run/board.h"

/*
 * Say in a line each what the program, whose RSS was PEAK bytes at most, did
 * not keep to, by the logs of all its processes.  Returns whether there is any
 * such, or a log that cannot be read.
 */
bool run_checks_fail(const struct cli_limits *limits,
		     const struct run_board *board, uint64_t peak);

#endif
