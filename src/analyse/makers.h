/* SPDX-License-Identifier: MIT */
/* makers.h - which lines made the objects that there are more of? */
#ifndef ANALYSE_MAKERS_H
#define ANALYSE_MAKERS_H

#include <stddef.h>
#include <stdint.h>

#include "analyse/allocations.h"
#include "books/grown.h"

/* A line of the program's own code, as by PMT_GROUP_OWN of holdings.h. */
struct maker {
	uint32_t file, line, function;	/* PMT_NO_PART: no Python code */
	uint64_t count;			/* of the objects that were looked up */
};

struct makers {
	struct maker *list;	/* most objects first */
	size_t count;
	uint64_t looked_up;	/* objects; 0: it is not known who made any */
	uint64_t unknown;	/* older than the program's first line */
};

/*
 * Of KIND, whose blocks the books of ALLOCATIONS know at the end; the list is
 * the caller's to free.
 */
struct makers makers_of(const struct reading *reading,
			const struct allocations *allocations,
			const struct pmt_grown_kind *kind);

#endif
