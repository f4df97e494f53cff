/* SPDX-License-Identifier: MIT */
/* ownbook.h - for which own line did a place of a program take memory? */
#ifndef PMT_OWNBOOK_H
#define PMT_OWNBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/hash.h"
#include "books/codebook.h"

/* A line of own code, and where it, or what it called, took memory. */
struct pmt_growth_own {
	/* PMT_NO_NAME where no own code ran. */
	uint32_t own_file, own_line, own_function;
	uint32_t imports;	/* as in struct pmt_site */
	uint32_t file, line;	/* of the place */
	uint32_t function;	/* PMT_NO_NAME: the own line itself */
	bool in_c;
	struct pmt_growth_change change;
};

/* Each such pair once.  Zeroed memory is none. */
struct pmt_ownbook {
	struct pmt_growth_own *owns;
	uint32_t count;
	size_t room;
	struct pmt_hash by_key;
};

/* *own: the one like KEY; valid until the next call.  0 or -ENOMEM. */
int pmt_ownbook_find(struct pmt_ownbook *book,
		     const struct pmt_growth_own *key,
		     struct pmt_growth_own **own) PMT_MUST_CHECK;

void pmt_ownbook_fini(struct pmt_ownbook *book);

#endif
