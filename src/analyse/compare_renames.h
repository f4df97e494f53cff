/* SPDX-License-Identifier: MIT */
/* compare_renames.h - what only seems to be new, since its name is? */
#ifndef ANALYSE_COMPARE_RENAMES_H
#define ANALYSE_COMPARE_RENAMES_H

#include "analyse/compare.h"

/*
 * Join rows of sorted ones of which one is on the old side only and another,
 * that may be the same code under another name, on the new side only.
 */
void compare_join_renamed(struct comparison *comparison);

#endif
