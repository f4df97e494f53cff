/* SPDX-License-Identifier: MIT */
/* stackcolumn.h - how does a path of calls look in a text log? */
#ifndef PMT_STACKCOLUMN_H
#define PMT_STACKCOLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/common.h"
#include "base/text.h"
#include "log/ownplace.h"
#include "log/row.h"

/* The most bytes that pmt_stackcolumn_put() writes; CALLERS may be NULL. */
size_t pmt_stackcolumn_size(const struct pmt_callers *callers);

/*
 * Put the column at P, a blank before it: the callers, innermost first, as
 * "file:line:function", with a semicolon between them, before it a star if it
 * is own code, an exclamation mark if it imports, and "..." for those left
 * out; "." for no caller, "-" where they are not known.  Returns its end.
 */
char *pmt_stackcolumn_put(char *p, const struct pmt_callers *callers);

/* One caller as it stands there; kind is PMT_OWN_HERE, _IMPORT or _NONE. */
struct pmt_caller_text {
	unsigned int kind;
	uint32_t line;
	struct pmt_text file, function;	/* escaped */
};

/*
 * Take the last, thus outermost, caller off *REST, which is not empty.  Returns
 * false if it is none.
 */
bool pmt_stackcolumn_take(struct pmt_text *rest,
			  struct pmt_caller_text *caller) PMT_MUST_CHECK;

#endif
