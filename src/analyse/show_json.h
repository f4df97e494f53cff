/* SPDX-License-Identifier: MIT */
/* show_json.h - what do the JSON reports have in common? */
#ifndef ANALYSE_SHOW_JSON_H
#define ANALYSE_SHOW_JSON_H

#include <jansson.h>

#include "analyse/allocations.h"
#include "analyse/jsonvalues.h"
#include "analyse/reading.h"
#include "books/curve.h"
#include "books/verdict.h"

/* Nanoseconds as seconds. */
json_t *json_seconds(int64_t clock);

/* The members every log has: file, kind, message, rows, problems. */
json_t *json_log(const struct reading *reading, const char *kind);

/* Of what memory was made at a moment. */
json_t *json_footprint(const struct pmt_footprint *moment);

/* The members about memory: rss, memory, verdict, as far as they are known. */
void json_memory(json_t *json, const struct pmt_footprints *footprints,
		 const struct pmt_verdict *verdict);

/* A list of GROUPS, whose objects have SIZES or not. */
json_t *json_groups(const struct reading *reading,
		    const struct pmt_groups *groups, bool sizes);

/*
 * What there is more of than when the program began; ALLOCATIONS tell who made
 * it, NULL: nobody knows.
 */
json_t *json_grown(const struct reading *reading,
		   const struct pmt_grown *grown,
		   const struct allocations *allocations);

/* Points [clock, low, high]. */
json_t *json_curve(const struct pmt_curve *curve);

/* Clocks of moments, or what was then. */
json_t *json_clocks(const int64_t *clocks, size_t count);
json_t *json_integers(const int64_t *values, size_t count);

/* Print LIST to standard output. */
void json_print(const json_t *list);

#endif
