/* SPDX-License-Identifier: MIT */
/* verdict.h - did memory grow, and do the objects of a log explain it? */
#ifndef PMT_VERDICT_H
#define PMT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "books/footprints.h"
#include "books/leakgroups.h"

enum pmt_finding {
	PMT_FINDING_NONE,	/* RSS is not known */
	PMT_FINDING_STEADY,	/* it grew by next to nothing */
	PMT_FINDING_GIVEN_BACK,	/* it grew, and most of that is gone again */
	PMT_FINDING_COLLECTED,	/* the same, by garbage collected at exit */
	PMT_FINDING_FREE,	/* most of the growth is free, in allocators */
	PMT_FINDING_OBJECTS,	/* the objects explain half of it or more */
	PMT_FINDING_PARTLY,	/* they explain some of it, 10 % or more */
	PMT_FINDING_ELSEWHERE,	/* they explain next to nothing */
	PMT_FINDING_CODE,	/* the log is of code, not of objects */
};

/* In place of bytes of objects. */
enum {
	PMT_VERDICT_CODE = -1,		/* the log is of code */
	PMT_VERDICT_NO_SIZES = -2,	/* sizes are not known */
};

/* All in bytes. */
struct pmt_verdict {
	enum pmt_finding finding;
	bool narrow;		/* the log left out objects of common types */
	bool peak;		/* what was alive at the peak is shown */
	uint64_t growth;	/* of RSS from start to end; 0 if it shrank */
	uint64_t peak_growth;	/* from start to the highest */
	uint64_t collected;	/* of that: gone after the traced code ended */
	uint64_t explained;	/* of what is used, by objects */
	uint64_t free;		/* of the growth: free, kept by allocators */
	uint64_t books;		/* of the growth: the books of a summary */
	uint64_t c_free;	/* of that, by malloc */
	uint64_t imports;	/* of the growth: by imports, where known */
	bool code;		/* the log is of code, not of objects */
	bool sizes;		/* of objects are known */
	bool grown;		/* of what there is more is told (grown.h) */
	bool old;		/* a Python without reference tracing */
	/* RSS (trend.h), in the last half by a 16th of what imports did not */
	/* take of the growth */
	bool still_growing;
};

/*
 * BYTES is the size of the objects that were made and are alive, or one of the
 * numbers above; BOOKS what whoever kept the books in the process took there.
 */
struct pmt_verdict pmt_verdict_of(const struct pmt_footprints *footprints,
				  int64_t bytes, uint64_t books);

/* What grew, and is neither free nor our own. */
uint64_t pmt_verdict_used(const struct pmt_verdict *verdict);

/* What a tracer says of itself that left out objects of common types. */
#define PMT_WITHOUT_BUILTINS "; without builtins"

/*
 * That of LEAKS: of the objects of GROUPS, where their SIZES are known.  TRACER
 * is what the tracer said of itself, or NULL.
 */
struct pmt_verdict pmt_verdict_of_objects(const struct pmt_leaks *leaks,
					  const struct pmt_groups *groups,
					  bool sizes, uint64_t books,
					  const char *tracer);

/*
 * Does the end hide what mattered?  RSS fell by a fifth of what it had grown
 * by, or half of the objects of the peak are gone, as after a teardown, which
 * left LIVE of those that CHOICE is about.
 */
bool pmt_verdict_peak_matters(const struct pmt_verdict *verdict, uint64_t live,
			      const struct pmt_leaks *leaks,
			      const struct pmt_sites *sites,
			      const struct pmt_choice *choice);

#endif
