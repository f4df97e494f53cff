/* SPDX-License-Identifier: MIT */
/* compare.h - what is there more of in newer logs than in older ones? */
#ifndef ANALYSE_COMPARE_H
#define ANALYSE_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyse/options.h"

enum { COMPARE_OLD, COMPARE_NEW, COMPARE_SIDES };

/*
 * What both sides may have of one type, function and own function, if all logs
 * tell of that.  Lines are not compared, since they move, nor are the folders
 * above a file's own.
 */
struct compare_row {
	const char *type, *file, *function;	/* "": of no matter */
	const char *was_file, *was_function;	/* NULL, or the old names */
	/* For which own code a library made it, or "". */
	const char *own_file, *own_function;
	const char *was_own_file, *was_own_function;
	/* In each run of that side. */
	double *bytes[COMPARE_SIDES], *count[COMPARE_SIDES];
};

struct comparison {
	struct compare_row *rows;	/* what rose most comes first */
	size_t row_count;
	size_t runs[COMPARE_SIDES];
	bool has_bytes, has_count, has_own;
	const char *subject;		/* of the numbers: "left at the end" */
};

/*
 * Compare logs by their JSON, a list for each side, which must outlive the
 * result.  Numbers are divided as options->per says.  Returns false, after a
 * message, when they cannot be compared: none at all, or of several kinds.
 */
bool compare_make(struct comparison *comparison,
		  json_t *sides[COMPARE_SIDES],
		  const struct options *options);

/* Put the rows in their order, as compare_make() does. */
void compare_sort(struct comparison *comparison);

void compare_fini(struct comparison *comparison);

/* By how much LOG's numbers are divided; 0: it has none of those units. */
double compare_units(const json_t *log, const struct options *options);

/* The mean of VALUES, one for each run of SIDE. */
double compare_mean(const struct comparison *comparison, int side,
		    const double *values);

/* What is compared of each side's runs: bytes or, if there are none, counts. */
double *const *compare_values(const struct comparison *comparison,
			      const struct compare_row *row);

/* By how much the mean of VALUES, of both sides, rose. */
double compare_change_of(const struct comparison *comparison,
			 double *const *values);

/* By bytes or, where there are none, by count. */
double compare_change(const struct comparison *comparison,
		      const struct compare_row *row);

/*
 * Do the runs of both sides, of which one has several, overlap in what the
 * change is of?
 */
bool compare_is_noise(const struct comparison *comparison,
		      const struct compare_row *row);

#endif
