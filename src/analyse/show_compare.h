/* SPDX-License-Identifier: MIT */
/* show_compare.h - how is a comparison of logs shown? */
#ifndef ANALYSE_SHOW_COMPARE_H
#define ANALYSE_SHOW_COMPARE_H

#include "analyse/compare.h"
#include "analyse/stacks.h"

/* To standard output, as options->json says. */
void show_compare(const struct comparison *comparison,
		  const struct options *options);

/*
 * Append to LIST what page_write() makes a page of.  STACKS are the call paths,
 * or NULL.
 */
void show_compare_page(const struct comparison *comparison,
		       const struct stacks *stacks,
		       const struct options *options, json_t *list);

/* Draw STACKS in options->out.  False, after a message: it was not to be. */
bool show_compare_picture(const struct stacks *stacks,
			  const struct options *options);

/*
 * Did a row that is no noise, or all of those together, rise by more than
 * options->limit?
 */
bool compare_exceeds(const struct comparison *comparison,
		     const struct options *options);

#endif
