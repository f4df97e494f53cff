/* SPDX-License-Identifier: MIT */
/* memoryreport.h - where is the memory, and what follows from that? */
#ifndef PMT_MEMORYREPORT_H
#define PMT_MEMORYREPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "books/footprints.h"
#include "books/verdict.h"

/*
 * Print RSS and its shares at the start, the peak and the end, in MiB, and what
 * forks share; of a log that has noted nothing but RSS, one line.
 */
void pmt_print_footprints(FILE *out, const struct pmt_footprints *footprints);

/*
 * Print the verdict, in lines of at most 79 columns.  GROWING is how many
 * groups of objects grow.
 */
void pmt_print_verdict(FILE *out, const struct pmt_verdict *verdict,
		       size_t growing);

/* Print what to do next, the last line of a report. */
void pmt_print_next(FILE *out, const struct pmt_verdict *verdict,
		    size_t growing);

#endif
