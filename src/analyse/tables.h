/* SPDX-License-Identifier: MIT */
/* tables.h - which code did what to the RSS, by a profile? */
#ifndef ANALYSE_TABLES_H
#define ANALYSE_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "analyse/entry.h"
#include "analyse/profile.h"

struct table {
	const char *title;
	const char *name;		/* of one row, for JSON and CSV */
	struct entry *entries;		/* sorted; the caller frees them */
	size_t count;
};

enum table_kind {
	TABLE_FUNCTIONS,	/* of their own code */
	TABLE_PATHS,		/* with what they call */
	TABLE_LINES,
	TABLE_FILES,
	TABLES
};

struct table table_make(const struct reading *reading,
			const struct profile *profile, enum table_kind kind);

/* Does --group-by ask for this table, or for none in particular? */
bool table_wanted(const struct options *options, enum table_kind kind);

#endif
