/* SPDX-License-Identifier: MIT */
/* summaries.h - which objects does a report say are alive, to compare them? */
#ifndef ANALYSE_SUMMARIES_H
#define ANALYSE_SUMMARIES_H

#include <jansson.h>
#include <stdbool.h>

/* Is the file PATH a report that pmt-run -r --summary wrote? */
bool summary_is(const char *path);

/*
 * Add to LIST what it says is alive at the end, as JSON of the kind "summary":
 * counts are exact, sizes as they are printed.  Returns false, after a message,
 * when it cannot be read.
 */
bool summary_read(const char *path, json_t *list);

#endif
