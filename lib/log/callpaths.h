/* SPDX-License-Identifier: MIT */
/* callpaths.h - by which calls did a program come to a place? */
#ifndef PMT_CALLPATHS_H
#define PMT_CALLPATHS_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/hash.h"

/*
 * The callers of a place, outermost first, are a path: the number of one call,
 * which knows its own caller.  A caller has a lower number than what it calls.
 */
enum {
	PMT_PATH_UNKNOWN,	/* nobody looked */
	PMT_PATH_OUTERMOST,	/* there is no caller */
	PMT_PATH_CUT,		/* more callers than were told */
	PMT_PATH_FIRST,		/* the first that is a call */
};

struct pmt_call {
	uint32_t caller;	/* a path, not unknown */
	uint32_t site;		/* of sites.h: own code has itself as own */
};

/* Each path once.  Zeroed memory is none. */
struct pmt_callpaths {
	struct pmt_call *calls;	/* of path PMT_PATH_FIRST first */
	uint32_t count;
	size_t room;
	struct pmt_hash by_call;
};

/* The path of a call at SITE, made by CALLER.  Returns 0 or -ENOMEM. */
int pmt_callpaths_add(struct pmt_callpaths *paths, uint32_t caller,
		      uint32_t site, uint32_t *path) PMT_MUST_CHECK;

void pmt_callpaths_fini(struct pmt_callpaths *paths);

/* The last call of PATH, or NULL if it has none. */
static inline const struct pmt_call *
pmt_callpaths_get(const struct pmt_callpaths *paths, uint32_t path)
{
	return path < PMT_PATH_FIRST ? NULL
				     : &paths->calls[path - PMT_PATH_FIRST];
}

#endif
