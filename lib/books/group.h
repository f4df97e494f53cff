/* SPDX-License-Identifier: MIT */
/* group.h - what is known of objects that belong together? */
#ifndef PMT_GROUP_H
#define PMT_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "books/trend.h"
#include "log/sites.h"

/* Objects that belong together, alive at the end or at the peak. */
#define PMT_GROUP_SAMPLES 16

struct pmt_group {
	struct pmt_site key;	/* parts that do not count are PMT_NO_PART */
	uint64_t live;
	uint64_t made;
	int64_t bytes;		/* of the live ones, if sizes are known */
	int64_t first, last;	/* when those alive at the end were made */
	int64_t moments[PMT_TREND_MOMENTS];	/* how many were alive */
	int64_t lows[PMT_TREND_MOMENTS];	/* ... at least until then */
	bool growing;		/* see trend.h */
	bool folded;		/* imports made it, see struct pmt_groups */
	double slope;		/* objects a moment */
	/* What follows is of the end, as far as the log tells of holders. */
	const char *held_by;	/* "PATH (of LENGTH)", most of them; or NULL */
	uint64_t held_count;	/* how many so */
	bool instances;		/* they are of a class */
	uint32_t number, owner;	/* whose objects hold these; PMT_NO_PART */
	bool owns;		/* false: it is the owner of no group */
	/* With all that these hold: bytes a moment (or objects), bytes. */
	double all_slope, all_bytes;
};

/* Are they but parts of others, as the dict, list, str of an instance? */
static inline bool
pmt_group_is_part(const struct pmt_group *group)
{
	return group->owner != PMT_NO_PART && !group->instances;
}

/* How many were alive at PMT_GROUP_SAMPLES moments, for a curve. */
static inline void
pmt_group_samples(const struct pmt_group *group,
		  int64_t samples[PMT_GROUP_SAMPLES])
{
	for (int i = 0; i < PMT_GROUP_SAMPLES; i++)
		samples[i] = group->moments[(i + 1) * PMT_TREND_MOMENTS /
					    PMT_GROUP_SAMPLES - 1];
}

#endif
