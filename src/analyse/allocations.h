/* SPDX-License-Identifier: MIT */
/* allocations.h - what does one log of allocations add up to? */
#ifndef ANALYSE_ALLOCATIONS_H
#define ANALYSE_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyse/livecurves.h"
#include "analyse/reading.h"
#include "analyse/symbols.h"
#include "books/allocations.h"
#include "books/footprints.h"
#include "books/grown.h"
#include "read/allocread.h"

struct allocations {
	struct pmt_allocations *books;
	const struct pmt_allocnames *names;	/* the reading's */
	struct live_curves *curves;	/* the caller's, or NULL */
	struct symbols *symbols;	/* NULL: nothing native is named */
	char *python;			/* its version, or NULL */
	char **threads;			/* names, by number; may be NULL */
	size_t thread_room;
	int64_t clock;			/* ns since the log began */
	bool since;			/* it has reached --since */
	struct pmt_footprint begin, end;	/* of the program, if noted */
	struct pmt_grown grown;
	char **lacks;			/* sentences */
	size_t lack_count;
};

/*
 * The next event of a log, whose reader READER is.  Returns false at the end,
 * after a message where that is not the log's, and when told to stop.
 */
bool allocations_next(struct reading *reading, struct pmt_allocread *reader,
		      struct pmt_alloc_event *event);

/* Read the rest of the log; CURVES, of bytes, may be NULL. */
void allocations_read(struct allocations *allocations,
		      struct reading *reading, struct live_curves *curves);
void allocations_fini(struct allocations *allocations);

/*
 * Bytes by which RSS grew from the program's first line to its last, if the log
 * has both; of them, those that what is left may explain.
 */
uint64_t allocations_growth(const struct allocations *allocations,
			    uint64_t *explained);

#endif
