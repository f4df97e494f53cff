/* SPDX-License-Identifier: MIT */
/* summary.h - what leaks, told without a log of every event? */
#ifndef PMT_SUMMARY_H
#define PMT_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "write/referencelog.h"

/*
 * Keeps the books that pmt-analyse would make of a reference log (leaks.h) in
 * memory, and writes its report of them to a file whenever it is told to.
 * Memory grows with the objects alive, and with the distinct names and places.
 *
 * A regular file is replaced as a whole: whoever reads it sees one report or
 * the next.  To a pipe or device one report is written after the other.
 *
 * Callers use logwrite.h and referencelog.h, which come here.  No locks.
 */
struct pmt_summary;

/*
 * Create PATH, or truncate it; with EXCLUSIVE an existing file is an error.
 * Returns 0 or -errno.
 */
int pmt_summary_open(const char *path, bool exclusive,
		     struct pmt_summary **out) PMT_MUST_CHECK;

/*
 * As pmt_referencelog_begin(): of the COLUMNS only the size is used.  Returns 0
 * or -ENOMEM.
 */
int pmt_summary_begin(struct pmt_summary *summary, const char *message,
		      unsigned int columns) PMT_MUST_CHECK;

/* Enter one event.  Returns 0 or -ENOMEM. */
int pmt_summary_event(struct pmt_summary *summary,
		      const struct pmt_reference_event *event) PMT_MUST_CHECK;

/*
 * As pmt_referencelog_note().  The first MSG, in which the tracer speaks of
 * itself, and the last ERR are kept, others only counted.  Returns 0 or
 * -ENOMEM.
 */
int pmt_summary_note(struct pmt_summary *summary, const char *tag,
		     uint64_t clock, const char *text, size_t size)
	PMT_MUST_CHECK;

/* Nothing more will be entered. */
void pmt_summary_end(struct pmt_summary *summary);

/*
 * Write the report, if there is anything new to tell.  When that fails the
 * file keeps the report before.  Returns 0 or -errno.
 */
int pmt_summary_write(struct pmt_summary *summary) PMT_MUST_CHECK;

/* Writes nothing.  NULL is allowed. */
void pmt_summary_free(struct pmt_summary *summary);

#endif
