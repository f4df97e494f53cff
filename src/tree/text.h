/* SPDX-License-Identifier: MIT */
/* text.h - pmt-tree's rows, padded, separated or as CSV. */
#ifndef PMT_TREE_TEXT_H
#define PMT_TREE_TEXT_H

#include <stdio.h>

#include "proc/procfs.h"
#include "tree/columns.h"
#include "tree/line.h"

/* The line of titles. */
void tree_print_titles(FILE *out, const struct tree_format *format);

/* One process, number I of the sample. */
void tree_print_row(FILE *out, const struct tree_format *format,
		    const struct tree_sample *sample, size_t i);

/* Their sum. */
void tree_print_total(FILE *out, const struct tree_format *format,
		      const struct tree_sample *sample);

/* All of it: rows, and the total when there are several. */
void tree_print_sample(FILE *out, const struct tree_format *format,
		       const struct tree_sample *sample);

#endif
