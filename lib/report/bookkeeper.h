/* SPDX-License-Identifier: MIT */
/* bookkeeper.h - how do events of a tracer get into the books at once? */
#ifndef PMT_BOOKKEEPER_H
#define PMT_BOOKKEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/leaks.h"
#include "log/row.h"
#include "log/sites.h"

/*
 * Saves looking up the names of a place and type that were seen lately.  The
 * serials of columns (column.h) stand for the names.
 */
enum { PMT_BOOKKEEPER_RECENT = 4096 };	/* a power of two */

struct pmt_recent_site {
	uint32_t type, file, function;
	int line;
	uint32_t own_kind, own_function;
	int own_line;
	uint32_t site;
};

/*
 * The books (leaks.h) of a tracing that goes on.  Memory grows with the objects
 * alive, and with the distinct names and places.  Of the notes the first MSG,
 * in which the tracer speaks of itself, and the last ERR are kept.
 */
struct pmt_bookkeeper {
	struct pmt_sites *sites;
	struct pmt_leaks *leaks;
	char *tracer;		/* what it said of itself, or NULL */
	char *error;		/* the last one it told, or NULL */
	bool sizes;		/* of objects are known */
	uint64_t rows;		/* that a log would have */
	int64_t first_clock, last_clock;	/* nanoseconds */
	struct pmt_recent_site recent[PMT_BOOKKEEPER_RECENT];
};

/* KEEPER is all zeroes; _fini() is due in either case.  0 or -ENOMEM. */
int pmt_bookkeeper_init(struct pmt_bookkeeper *keeper) PMT_MUST_CHECK;
void pmt_bookkeeper_fini(struct pmt_bookkeeper *keeper);

/*
 * Enter an object made or destroyed, at *SITE; *FORMER as of pmt_leaks_add().
 * Returns 0 or -ENOMEM.
 */
int pmt_bookkeeper_enter(struct pmt_bookkeeper *keeper,
			 const struct pmt_reference_event *event,
			 uint32_t *site, struct pmt_object *former)
	PMT_MUST_CHECK;

/*
 * Enter a note.  Returns 1 if a log would have it as a row of its own, 0 if it
 * told of memory, sizes or holders, or -ENOMEM.
 */
int pmt_bookkeeper_note(struct pmt_bookkeeper *keeper,
			const struct pmt_note *note) PMT_MUST_CHECK;

/* Bytes of all this, the most that can be in memory. */
size_t pmt_bookkeeper_memory(const struct pmt_bookkeeper *keeper);

#endif
