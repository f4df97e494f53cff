/* SPDX-License-Identifier: MIT */
/* leakreport.h - what do the books of a reference log say, for people? */
#ifndef PMT_LEAKREPORT_H
#define PMT_LEAKREPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/common.h"
#include "books/leakgroups.h"
#include "books/leaks.h"
#include "log/sites.h"

/* What a tracer says of itself that left out objects of common types. */
#define PMT_WITHOUT_BUILTINS "; without builtins"

/* Books, and how to show them. */
struct pmt_leakreport {
	const struct pmt_leaks *leaks;
	const struct pmt_sites *sites;
	struct pmt_choice choice;
	uint64_t rows;
	int64_t first_clock, last_clock;	/* nanoseconds */
	uint64_t books;		/* bytes of it all in the RSS; 0: none */
	bool narrow;		/* objects of common types were left out */
	bool running;		/* what it is about has not ended */
	bool sizes;		/* of objects are known */
	bool live_counts;	/* of types are known */
	bool full_path;		/* of source files */
	bool utf8;		/* curves in block characters, else in ASCII */
	bool colour;
	int (*stopped)(void);	/* NULL, or: end a long list early? */
};

/* Print the totals, and the groups of live objects.  Returns 0 or -ENOMEM. */
int pmt_leakreport_leaks(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

/* Print every live object, and the pairs of the past.  0 or -ENOMEM. */
int pmt_leakreport_objects(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

/* Print the types, and how many were made.  Returns 0 or -ENOMEM. */
int pmt_leakreport_types(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

/* Print what was destroyed though nobody saw it made.  0 or -ENOMEM. */
int pmt_leakreport_untracked(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

#endif
