/* SPDX-License-Identifier: MIT */
/* paths.h - through which calls did a program move most memory? */
#ifndef ANALYSE_PATHS_H
#define ANALYSE_PATHS_H

#include <stddef.h>

#include "analyse/entry.h"
#include "analyse/options.h"
#include "books/growth.h"

/*
 * The paths that moved most memory, with all that they call, in the order of a
 * walk down the tree.  *ENTRIES is the caller's to free; returns how many.
 */
size_t paths_list(const struct options *options,
		  const struct pmt_growth *growth, struct entry **entries);

#endif
