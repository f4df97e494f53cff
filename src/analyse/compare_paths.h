/* SPDX-License-Identifier: MIT */
/* compare_paths.h - in which call paths is there more, in which less? */
#ifndef ANALYSE_COMPARE_PATHS_H
#define ANALYSE_COMPARE_PATHS_H

#include <jansson.h>
#include <stdbool.h>

#include "analyse/compare.h"
#include "analyse/stacks.h"

/* The measures. */
enum { COMPARE_PATHS_NEW, COMPARE_PATHS_OLD };

/*
 * Begin STACKS with the call paths of SIDES, whose logs are COMPARISON's and
 * have "call_paths" (show_html_data.h): the mean of the new runs and that of
 * the old ones; with --per the old side as if it had as many units as the new
 * one.  Frames are joined as rows are, by function and file, under their new
 * names.  Returns false if there are no paths.
 */
bool compare_paths(struct stacks *stacks, const struct comparison *comparison,
		   json_t *sides[COMPARE_SIDES],
		   const struct options *options);

#endif
