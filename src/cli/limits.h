/* SPDX-License-Identifier: MIT */
/* limits.h - does what a log tells keep within the limits that were given? */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "books/footprints.h"
#include "books/leaks.h"
#include "log/sites.h"

/* No more than COUNT objects may be left. */
struct cli_leak_limit {
	const char *type;	/* a glob; NULL: of all that grows */
	uint64_t count;
};

struct cli_limits {
	uint64_t budget;	/* bytes of RSS at the peak; 0: no limit */
	bool growth;		/* nothing may grow to the end */
	struct cli_leak_limit *leaks;
	size_t leak_count;
};

/* What the options --budget and --fail-on-leak say, or a usage error. */
void cli_limits_set_budget(struct cli_limits *limits,
			   struct argp_state *state, const char *arg);
void cli_limits_add_leak(struct cli_limits *limits, struct argp_state *state,
			 char *arg);

/*
 * Say what exceeds the limits in a line each, that names the LOG unless that is
 * NULL.  Return whether anything does.
 */
bool cli_limits_exceeded(const char *log, const char *what);
bool cli_limits_of_peak(const struct cli_limits *limits, const char *log,
			uint64_t peak);
bool cli_limits_of_memory(const struct cli_limits *limits, const char *log,
			  const struct pmt_footprints *footprints);
bool cli_limits_of_objects(const struct cli_limits *limits, const char *log,
			   const struct pmt_leaks *leaks,
			   const struct pmt_sites *sites);

/* Frees what the options filled. */
void cli_limits_fini(struct cli_limits *limits);

#endif
