/* SPDX-License-Identifier: MIT */
/* leakshow.h - which books of objects does a report show, and how? */
#ifndef PMT_LEAKSHOW_H
#define PMT_LEAKSHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "books/leakgroups.h"
#include "books/leaks.h"
#include "log/sites.h"

/* Books, and how to show them. */
struct pmt_leakreport {
	const struct pmt_leaks *leaks;
	const struct pmt_sites *sites;
	struct pmt_choice choice;
	const char *tracer;	/* what it said of itself, or NULL */
	uint64_t rows;
	int64_t first_clock, last_clock;	/* nanoseconds */
	int64_t peak_clock;	/* when RSS was highest */
	uint64_t books;		/* bytes of it all in the RSS; 0: none */
	bool running;		/* what it is about has not ended */
	bool narrow;		/* objects of common types were left out */
	bool sizes;		/* of objects are known */
	bool live_counts;	/* of types are known */
	bool full_path;		/* of source files */
	bool utf8;		/* curves in block characters, else in ASCII */
	bool colour;
	int (*stopped)(void);	/* NULL, or: end a long list early? */
};

#endif
