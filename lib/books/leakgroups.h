/* SPDX-License-Identifier: MIT */
/* leakgroups.h - which live objects belong together, and which matter most? */
#ifndef PMT_LEAKGROUPS_H
#define PMT_LEAKGROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/choice.h"
#include "books/group.h"
#include "books/leaks.h"
#include "log/sites.h"

/* Do objects of two types, or of two sites, stay apart? */
bool pmt_groups_by_type(const struct pmt_choice *choice);
bool pmt_groups_by_site(const struct pmt_choice *choice);

struct pmt_groups {
	struct pmt_group *list;	/* sorted; the caller frees it */
	size_t count;		/* in the list; behind them come */
	size_t folded;		/* those that imports made, in no order */
	size_t growing;		/* of them; they come first by default */
	uint64_t live;		/* in all of them */
	int64_t bytes;
	uint64_t sample;	/* of what they are estimates: 1 in so many */
	struct pmt_alive imports;	/* in those that are folded */
};

/* One more than the highest number in the list, of groups and of owners. */
size_t pmt_groups_numbers(const struct pmt_groups *groups);

/* Returns 0 or -ENOMEM. */
int pmt_groups_make(const struct pmt_leaks *leaks,
		    const struct pmt_sites *sites,
		    const struct pmt_choice *choice,
		    struct pmt_groups *groups) PMT_MUST_CHECK;

#endif
