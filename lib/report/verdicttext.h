/* SPDX-License-Identifier: MIT */
/* verdicttext.h - what does a verdict say, and what is to be done next? */
#ifndef PMT_VERDICTTEXT_H
#define PMT_VERDICTTEXT_H

#include <stddef.h>
#include <stdio.h>

#include "books/verdict.h"

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
