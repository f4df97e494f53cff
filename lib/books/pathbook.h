/* SPDX-License-Identifier: MIT */
/* pathbook.h - which piece of code is at the end of a path of calls? */
#ifndef PMT_PATHBOOK_H
#define PMT_PATHBOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/codebook.h"
#include "log/sites.h"

/*
 * The nodes of the paths that a log tells (log/callpaths.h).  A function that
 * one of the 16 above it called again is that node again: recursion is folded,
 * and the node knows how deep it was.
 */
struct pmt_pathbook {
	struct pmt_sites *sites;
	struct pmt_codebook *book;
	struct pmt_pathplace {
		uint32_t node;
		uint32_t times;		/* that the path comes to the node */
		uint32_t own;		/* the nearest call by own code, or 0 */
		uint32_t imports;	/* of that, as in struct pmt_site */
	} *places;			/* by the number of the path */
	uint32_t count;
	size_t room;
};

/* Zeroed memory, with SITES and BOOK set, is an empty one. */
void pmt_pathbook_fini(struct pmt_pathbook *paths);

/* *place: of PATH, which is not unknown.  Returns 0 or -ENOMEM. */
int pmt_pathbook_place(struct pmt_pathbook *paths, uint32_t path,
		       struct pmt_pathplace *place) PMT_MUST_CHECK;

/* *node: of the function of SITE, called by PATH.  Returns 0 or -ENOMEM. */
int pmt_pathbook_called(struct pmt_pathbook *paths, uint32_t path,
			const struct pmt_site *site, bool in_c,
			uint32_t *node) PMT_MUST_CHECK;

#endif
