/* SPDX-License-Identifier: MIT */
/* classic.h - pmt-tree's rows as pymemtrace's process_tree prints them. */
#ifndef PMT_TREE_CLASSIC_H
#define PMT_TREE_CLASSIC_H

#include <stdio.h>

#include "tree/columns.h"
#include "tree/line.h"

/* What is remembered from one sample to the next: CPU use has a change. */
struct tree_classic;

/* FORMAT must outlive it.  Ends the program when there is no memory. */
struct tree_classic *tree_classic_new(const struct tree_format *format);

/* NULL is allowed. */
void tree_classic_free(struct tree_classic *classic);

/* The line of titles. */
void tree_classic_titles(FILE *out, const struct tree_classic *classic);

/*
 * All processes of SAMPLE, which becomes the one before, printed only if OUT is
 * not NULL.  What is seen for the first time has grown from 0.
 */
void tree_classic_sample(FILE *out, struct tree_classic *classic,
			 const struct tree_sample *sample);

#endif
