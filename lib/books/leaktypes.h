/* SPDX-License-Identifier: MIT */
/* leaktypes.h - what happened to the objects of each type? */
#ifndef PMT_LEAKTYPES_H
#define PMT_LEAKTYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/choice.h"
#include "books/leaks.h"
#include "log/sites.h"

/* Is the type, a name of SITES, among those chosen? */
bool pmt_type_chosen(const struct pmt_choice *choice,
		     const struct pmt_sites *sites, uint32_t type);

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
