/* SPDX-License-Identifier: MIT */
/* leakreport.h - what do the books of a reference log say, for people? */
#ifndef PMT_LEAKREPORT_H
#define PMT_LEAKREPORT_H

#include <stdio.h>

#include "base/common.h"
#include "report/leakshow.h"

/* Print the totals, and the groups of live objects.  Returns 0 or -ENOMEM. */
int pmt_leakreport_leaks(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

/* Print GROUPS, which may be told of by another log, under a heading. */
void pmt_leakreport_groups(FILE *out, const struct pmt_leakreport *report,
			   const struct pmt_groups *groups);

/* Print every live object, and the pairs of the past.  0 or -ENOMEM. */
int pmt_leakreport_objects(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

/* Print the types, and how many were made.  Returns 0 or -ENOMEM. */
int pmt_leakreport_types(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

/* Print what was destroyed though nobody saw it made.  0 or -ENOMEM. */
int pmt_leakreport_untracked(FILE *out, const struct pmt_leakreport *report)
	PMT_MUST_CHECK;

#endif
