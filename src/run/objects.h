/* SPDX-License-Identifier: MIT */
/* objects.h - what does a log that was just written add up to? */
#ifndef PMT_RUN_OBJECTS_H
#define PMT_RUN_OBJECTS_H

#include <stdbool.h>

#include "base/common.h"
#include "books/footprints.h"
#include "books/leaks.h"
#include "log/sites.h"

struct run_objects {
	struct pmt_sites *sites;
	struct pmt_leaks *leaks;
	struct pmt_footprints footprints;	/* of a log of code */
	bool told;		/* the log is one of objects */
};

/*
 * Read the log at PATH.  Returns 0 or -errno; then OBJECTS hold what came
 * before that.  run_objects_fini() them in any case.
 */
int run_objects_read(struct run_objects *objects, const char *path)
	PMT_MUST_CHECK;
void run_objects_fini(struct run_objects *objects);

#endif
