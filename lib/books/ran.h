/* SPDX-License-Identifier: MIT */
/* ran.h - what ran before an event, by the path that its row tells? */
#ifndef PMT_RAN_H
#define PMT_RAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "books/ownbook.h"
#include "books/pathbook.h"
#include "log/event.h"

/* A piece of code at work. */
struct pmt_ran {
	uint32_t node;
	uint32_t file, line;	/* PMT_NO_NAME: no Python code */
	struct pmt_growth_own own;	/* of which change is 0 */
};

/* The row before.  Zeroed memory, with NO_NAME as function, is none. */
struct pmt_ran_last {
	uint64_t event;
	int64_t thread;
	enum pmt_what what;
	uint32_t path, file, function, line;
	struct pmt_ran ran;	/* what it names */
};

/*
 * *before: what ran until EVENT, at a site of the log.  LAST becomes this row.
 * Returns 0 or -ENOMEM.
 */
int pmt_ran_before(struct pmt_pathbook *paths, const struct pmt_event *event,
		   struct pmt_ran_last *last,
		   struct pmt_ran *before) PMT_MUST_CHECK;

#endif
