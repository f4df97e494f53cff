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
	TABLE_OWN,		/* lines of own code, with what they call */
	TABLE_FUNCTIONS,	/* of their own code */
	TABLE_PATHS,		/* with what they call */
	TABLE_LINES,
	TABLE_FILES,
	TABLES
};

/* What imports did is one entry, without file, if options say so. */
struct table table_make(const struct reading *reading,
			const struct profile *profile, enum table_kind kind);

/*
 * Does --group-by ask for this table, or for none in particular?  A brief
 * report of a log with paths has those of lines of the program and of paths.
 */
bool table_wanted(const struct options *options, const struct profile *profile,
		  enum table_kind kind);

#endif
