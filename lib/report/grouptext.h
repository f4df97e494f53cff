/* SPDX-License-Identifier: MIT */
/* grouptext.h - how does a group of objects look in a report? */
#ifndef PMT_GROUPTEXT_H
#define PMT_GROUPTEXT_H

#include <stdio.h>

#include "report/groupparts.h"
#include "report/leakshow.h"

/* A name of the report's sites, padded to WIDTH columns. */
void pmt_print_part(FILE *out, const struct pmt_leakreport *report,
		    uint32_t name, int width);

/* The same of a file: whole, or with its folder. */
void pmt_print_file(FILE *out, const struct pmt_leakreport *report,
		    uint32_t file);

/* The titles of the columns. */
void pmt_print_columns(FILE *out, const struct pmt_leakreport *report);

/*
 * Number I of GROUPS: how many, how large, over time, what, made where, held by
 * whom, with which parts.
 */
void pmt_print_group(FILE *out, const struct pmt_leakreport *report,
		     const struct pmt_groups *groups, size_t i);

/* What imports made, in one row, if anything. */
void pmt_print_imports(FILE *out, const struct pmt_leakreport *report,
		       const struct pmt_groups *groups);

#endif
