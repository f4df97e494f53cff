/* SPDX-License-Identifier: MIT */
/* holdertext.h - how is it written who holds a group of objects? */
#ifndef PMT_HOLDERTEXT_H
#define PMT_HOLDERTEXT_H

#include <stdio.h>

#include "report/leakshow.h"

/*
 * PATH, through which objects are held, behind USED columns of a line, on two
 * lines at most: the middle of a long path says least, and what grew stands on
 * one of them as a whole.
 */
void pmt_print_path(FILE *out, int used, const char *path);

/*
 * Who holds number I of GROUPS, which is known.  How much a list grew is told
 * once if that takes a line.
 */
void pmt_print_holder(FILE *out, const struct pmt_leakreport *report,
		      const struct pmt_groups *groups, size_t i);

#endif
