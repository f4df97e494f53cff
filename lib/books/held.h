/* SPDX-License-Identifier: MIT */
/* held.h - who holds the objects of a type, as a log tells? */
#ifndef PMT_HELD_H
#define PMT_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/common.h"
#include "base/text.h"

/* Rows that were found; zeroed memory has none. */
struct pmt_held {
	struct pmt_held_by {
		char *type, *by;	/* "1,500 by PATH (of LENGTH)" */
	} *list;
	size_t count, room;
};

/*
 * A MSG row says TEXT, "held: TYPE: COUNT by PATH (of LENGTH)" as in
 * pmt-log(5).  False: it does not, or memory is short.
 */
bool pmt_held_note(struct pmt_held *held, struct pmt_text text);

/* The NTH way in which objects of TYPE are held, or NULL. */
const char *pmt_held_find(const struct pmt_held *held, struct pmt_text type,
			  size_t nth) PMT_MUST_CHECK;

void pmt_held_fini(struct pmt_held *held);

#endif
