/* SPDX-License-Identifier: MIT */
/* groupparts.h - what do groups that are not shown add up to, in one line? */
#ifndef PMT_GROUPPARTS_H
#define PMT_GROUPPARTS_H

#include <stdio.h>

#include "report/leakshow.h"

/* Of lines below a group's first: their column; the width behind "held: ". */
enum { PMT_GROUP_INDENT = 12, PMT_GROUP_WIDTH = 61 };

/*
 * What the objects of OWNER, one of GROUPS, own, and what that owns, by type;
 * if anything.
 */
void pmt_print_with(FILE *out, const struct pmt_leakreport *report,
		    const struct pmt_groups *groups,
		    const struct pmt_group *owner);

/* Whose code made what imports made, by package; if that is known. */
void pmt_print_importers(FILE *out, const struct pmt_leakreport *report,
			 const struct pmt_groups *groups);

#endif
