/* SPDX-License-Identifier: MIT */
/* checks.h - did the program keep within the limits that it was given? */
#ifndef PMT_RUN_CHECKS_H
#define PMT_RUN_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/board.h"

/* No more than COUNT objects may be left. */
struct run_leak_limit {
	const char *type;	/* a glob; NULL: of all that grows */
	uint64_t count;
};

struct run_checks {
	uint64_t budget;	/* bytes of RSS at the peak; 0: no limit */
	bool growth;		/* nothing may grow to the end */
	struct run_leak_limit *leaks;
	size_t leak_count;
};

/*
 * Say in a line each what the program, whose RSS was PEAK bytes at most, did
 * not keep to, by the logs of all its processes.  Returns whether there is any
 * such, or a log that cannot be read.
 */
bool run_checks_fail(const struct run_checks *checks,
		     const struct run_board *board, uint64_t peak);

/* Frees what the options filled. */
void run_checks_fini(struct run_checks *checks);

#endif
