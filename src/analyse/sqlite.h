/* SPDX-License-Identifier: MIT */
/* sqlite.h - what is in a log, as tables to ask questions of? */
#ifndef ANALYSE_SQLITE_H
#define ANALYSE_SQLITE_H

#include <stdbool.h>

#include "analyse/heap.h"
#include "analyse/reading.h"

#ifdef HAVE_SQLITE

#include "analyse/database.h"

/*
 * Write the rest of a log, or a snapshot, to options->out, with the tables of
 * pmt-sqlite(5).  Returns false, after a message, if not all of it could be
 * read and written; a file that is cut short by a signal or an error of
 * writing does not appear.
 */
bool sqlite_log(struct reading *reading);
bool sqlite_heap(const struct heap_snapshot *snapshot,
		 const struct options *options);

extern const char sqlite_schema[];

/* The rows of a log of allocations, for sqlite_log(). */
void sqlite_allocations(struct reading *reading, struct database *database);

/* What a log, or a snapshot, says of itself. */
void sqlite_add_log(struct database *database, const char *path,
		    const char *kind, const char *tracer,
		    struct pmt_text message, bool whole);

#else

/* Without SQLite the command line is refused. */
static inline bool
sqlite_log(struct reading *reading)
{
	(void)reading;
	return false;
}

static inline bool
sqlite_heap(const struct heap_snapshot *snapshot,
	    const struct options *options)
{
	(void)snapshot;
	(void)options;
	return false;
}

#endif

#endif
