/* SPDX-License-Identifier: MIT */
/* show_series.h - which numbers does a log tell over time? */
#ifndef ANALYSE_SHOW_SERIES_H
#define ANALYSE_SHOW_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "analyse/show.h"
#include "books/curve.h"

struct series {
	const char *name;
	bool bytes;			/* else objects */
	const struct pmt_curve *curve;	/* of at least one point */
};

/*
 * RSS first, if there is any, then what is alive.  *COUNT of them, for the
 * caller to free; they belong to ANALYSIS, which was read with curves.
 */
struct series *series_of(const struct analysis *analysis, size_t *count);

#endif
