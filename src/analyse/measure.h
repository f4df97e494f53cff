/* SPDX-License-Identifier: MIT */
/* measure.h - which numbers of a log's JSON can be joined with other logs'? */
#ifndef ANALYSE_MEASURE_H
#define ANALYSE_MEASURE_H

#include <jansson.h>

/* A table of logs of one KIND, and the members of its entries that count. */
struct measure {
	const char *kind, *table, *bytes, *count;	/* count: or NULL */
	const char *subject;	/* of the numbers: "alive at the end" */
};

/* Of the JSON of one log; NULL: nothing of it can be joined. */
const struct measure *measure_of(const json_t *log);

/* OBJECT's text at KEY, "" where there is none. */
const char *measure_text(const json_t *object, const char *key);

/* A file's name with the folder that it is in. */
const char *measure_file(const char *path);

#endif
