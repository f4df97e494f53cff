/* SPDX-License-Identifier: MIT */
/* choice.h - what of the books is wanted, added up how, and in which order? */
#ifndef PMT_CHOICE_H
#define PMT_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is added up; a set of bits. */
enum pmt_grouping {
	PMT_GROUP_TYPE = 1,
	PMT_GROUP_SITE = 2,	/* a line of a function */
	PMT_GROUP_FILE = 4,
	PMT_GROUP_FUNCTION = 8,
	PMT_GROUP_LINE = 16,	/* profiles: the same as site */
	PMT_GROUP_PATH = 32,	/* of objects: a site and its callers */
	PMT_GROUP_OWN = 64,	/* allocations: the innermost own line */
	PMT_GROUP_THREAD = 128,	/* allocations only */
};

/* When the objects that are listed were alive. */
enum pmt_when {
	PMT_AT_END,
	PMT_AT_PEAK,		/* of RSS */
};

/* What comes first; from NET on of profiles, from PEAK on of allocations. */
enum pmt_order {
	PMT_ORDER_DEFAULT,
	PMT_ORDER_COUNT,
	PMT_ORDER_BYTES,
	PMT_ORDER_MADE,
	PMT_ORDER_FIRST,
	PMT_ORDER_LAST,
	PMT_ORDER_NAME,
	PMT_ORDER_NET,
	PMT_ORDER_GROWN,
	PMT_ORDER_RELEASED,
	PMT_ORDER_PEAK,
	PMT_ORDER_TEMPORARY,
};

/* Groups shown where nobody says how many. */
#define PMT_TOP_DEFAULT 10

/* What of the books a report is about. */
struct pmt_choice {
	unsigned group_by;	/* 0: as fits the kind of log */
	enum pmt_order order;
	enum pmt_when when;
	uint64_t top;		/* groups shown; UINT64_MAX: all */
	char **types;		/* globs; an object need match only one */
	size_t type_count;	/* 0: all types */
	bool fold_imports;	/* what they made and does not grow is one */
};

#endif
