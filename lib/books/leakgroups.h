/* SPDX-License-Identifier: MIT */
/* leakgroups.h - which live objects belong together, and which matter most? */
#ifndef PMT_LEAKGROUPS_H
#define PMT_LEAKGROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/choice.h"
#include "books/leaks.h"
#include "books/trend.h"
#include "log/sites.h"

/* Do objects of two types, or of two sites, stay apart? */
bool pmt_groups_by_type(const struct pmt_choice *choice);
bool pmt_groups_by_site(const struct pmt_choice *choice);

/* Is the type, a name of SITES, among those chosen? */
bool pmt_type_chosen(const struct pmt_choice *choice,
		     const struct pmt_sites *sites, uint32_t type);

/* Objects that belong together, alive at the end or at the peak. */
#define PMT_GROUP_SAMPLES 16

struct pmt_group {
	struct pmt_site key;	/* parts that do not count are PMT_NO_PART */
	uint64_t live;
	uint64_t made;
	int64_t bytes;		/* of the live ones, if sizes are known */
	int64_t first, last;	/* when those alive at the end were made */
	int64_t moments[PMT_TREND_MOMENTS];	/* how many were alive */
	bool growing;		/* see trend.h */
	double slope;		/* objects a moment */
};

/* How many were alive at PMT_GROUP_SAMPLES moments, for a curve. */
void pmt_group_samples(const struct pmt_group *group,
		       int64_t samples[PMT_GROUP_SAMPLES]);

struct pmt_groups {
	struct pmt_group *list;	/* sorted; the caller frees it */
	size_t count;
	size_t growing;		/* of them; they come first by default */
	uint64_t live;		/* in all of them */
	int64_t bytes;
	int64_t growing_bytes;	/* in those that grow */
	struct pmt_alive imports;	/* of these, not in the list */
};

/* Returns 0 or -ENOMEM. */
int pmt_groups_make(const struct pmt_leaks *leaks,
		    const struct pmt_sites *sites,
		    const struct pmt_choice *choice,
		    struct pmt_groups *groups) PMT_MUST_CHECK;

/* What happened to the objects of one type. */
struct pmt_type_count {
	uint32_t type;
	uint64_t made, destroyed, untracked;
};

struct pmt_type_counts {
	struct pmt_type_count *list;	/* by name; the caller frees it */
	size_t count;
};

/* Returns 0 or -ENOMEM. */
int pmt_types_count(const struct pmt_leaks *leaks,
		    const struct pmt_sites *sites,
		    const struct pmt_choice *choice,
		    struct pmt_type_counts *counts) PMT_MUST_CHECK;

#endif
