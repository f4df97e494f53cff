/* SPDX-License-Identifier: MIT */
/* told.h - which objects does a log tell of, that has no rows of them? */
#ifndef PMT_TOLD_H
#define PMT_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "books/leakgroups.h"
#include "log/sites.h"

/* Groups that are told at most, the first of the list. */
#define PMT_TOLD_GROUPS 32

/*
 * What the books of a tracer of objects, which wrote no log, came to at one
 * moment.  Zeroed memory is nothing.
 */
struct pmt_told {
	bool known;
	bool sizes;		/* of objects are known */
	bool narrow;		/* objects of common types were left out */
	int64_t clock;		/* of the moment, ns */
	uint64_t books;		/* bytes that the books took */
	uint32_t rows;		/* of groups, well-formed or not */
	/* As of pmt_groups_make(), without the folded ones. */
	struct pmt_groups groups;
};

/* Whoever writes the log gets the text of a MSG row. */
typedef void pmt_told_put(void *arg, const char *text, size_t size);

/* Tell of TOLD, in one row and one for each group.  Returns 0 or -ENOMEM. */
int pmt_told_write(const struct pmt_told *told, enum pmt_when when,
		   const struct pmt_sites *sites, pmt_told_put *put, void *arg)
	PMT_MUST_CHECK;

/*
 * A MSG row says TEXT.  True: it told of objects at the end or the peak, and
 * what is well-formed was noted in TOLD[when]; names went to SITES.
 */
bool pmt_told_note(struct pmt_told told[2], struct pmt_sites *sites,
		   struct pmt_text text);

/* For what pmt_told_note() has filled in. */
void pmt_told_fini(struct pmt_told *told);

#endif
