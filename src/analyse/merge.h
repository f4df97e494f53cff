/* SPDX-License-Identifier: MIT */
/* merge.h - what do the processes of one program have in all? */
#ifndef ANALYSE_MERGE_H
#define ANALYSE_MERGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyse/measure.h"
#include "analyse/options.h"

/* Numbers of one log.  Bytes; 0 where they are not known. */
struct merged_log {
	const char *file;
	double first, peak, last;	/* RSS */
	double count, bytes;		/* the sum of its rows */
	bool sharing, forked;		/* what follows is known */
	double pss, private;		/* at its end */
	double unshared;		/* of what it had when it was forked */
};

/* What the logs have of one type and line, or of one function. */
struct merged_row {
	const char *type, *file, *function;	/* "": of no matter */
	json_int_t line;	/* 0: of no matter */
	double count, bytes;
	size_t logs, last_log;	/* how many have it; the last that did, + 1 */
	size_t growing, last_growing;	/* the same of those where it grows */
};

struct merged {
	const struct measure *measure;
	struct merged_log *logs;
	size_t log_count;
	struct merged_row *rows;	/* what is most comes first */
	size_t row_count;
	bool has_bytes;
	bool sharing;		/* one of the logs tells of that */
};

/*
 * Add up LOGS, a list of the JSON of each, which must outlive the result.
 * Returns false, after a message, when there is none, or there are several
 * kinds.  merge_fini() it in any case.
 */
bool merge_make(struct merged *merged, json_t *logs);
void merge_fini(struct merged *merged);

/* Print text or JSON, as options say. */
void show_merged(const struct merged *merged, const struct options *options);

#endif
