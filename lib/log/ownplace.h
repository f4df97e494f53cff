/* SPDX-License-Identifier: MIT */
/* ownplace.h - for which line of own code did something happen? */
#ifndef PMT_OWNPLACE_H
#define PMT_OWNPLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "log/column.h"

/*
 * Own code is what is neither the standard library's nor an installed
 * package's.  One of the first three; and IMPORT, if that place, or what calls
 * there, imports; else IMPORTED, if it runs within an import.
 */
enum pmt_own_kind {
	PMT_OWN_NONE,		/* no own code runs, or nobody looked */
	PMT_OWN_HERE,		/* the event happened in own code */
	PMT_OWN_CALLER,		/* it happened for this place */
	PMT_OWN_IMPORT = 4,
	PMT_OWN_IMPORTED = 8,
};

/* Where a place is told of, kind says CALLER.  Names are borrowed. */
struct pmt_own {
	unsigned int kind;
	int line;
	const struct pmt_column *file;
	const struct pmt_column *function;
};

/* The same as a log has it, names escaped (escape.h). */
struct pmt_own_text {
	unsigned int kind;
	uint32_t line;
	struct pmt_text file;
	struct pmt_text function;
};

static inline bool
pmt_own_is_caller(unsigned int kind)
{
	return (kind & 3) == PMT_OWN_CALLER;
}

/* The most bytes that pmt_ownplace_put() writes. */
size_t pmt_ownplace_size(const struct pmt_own *own);

/*
 * Put the column of a text log at P, a blank before it: "-" for none, "." for
 * here, "file:line:function"; behind "import:" or "imported:".  Returns its
 * end.
 */
char *pmt_ownplace_put(char *p, const struct pmt_own *own);

/* Read such a WORD, in which *OWN then points.  Returns whether it is one. */
bool pmt_ownplace_parse(struct pmt_text word,
		   struct pmt_own_text *own) PMT_MUST_CHECK;

/* The same of a WORD "file:line:function", which adds CALLER to the kind. */
bool pmt_ownplace_parse_place(struct pmt_text word,
			      struct pmt_own_text *own) PMT_MUST_CHECK;

#endif
