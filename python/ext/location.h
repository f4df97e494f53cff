/* SPDX-License-Identifier: MIT */
/* location.h - file, line and function of what runs now, looked up once. */
#ifndef PMT_LOCATION_H
#define PMT_LOCATION_H

#include "compat.h"
#include "referencelog.h"

/* How many filters may keep their verdict with a code object. */
enum { LOCATION_FILTERS = 2 };

/*
 * With each code object we keep (codeslot.h) the columns of its names and a
 * table from instruction to line that is filled as lines are met.  Both are
 * freed with the code object, so nothing here grows with the run.  Guarded by
 * the GIL, or the event lock (threads.h) where there is none.
 */

struct known_code {
	struct pmt_column file;
	struct pmt_column function;
	struct code_verdict {	/* of a filter */
		uint64_t serial;	/* of who asked */
		bool wanted;
	} verdict[LOCATION_FILTERS];
	unsigned int holders;	/* the code object counts as one */
	Py_ssize_t units;	/* instructions of the code object */
	int lines[];		/* line of each, 0: not asked for yet */
};

/*
 * Once for the process.  Returns 0, or -1 with a Python exception set.
 */
int location_init(void);

/*
 * *place: where TSTATE runs; TSTATE may be NULL.  The names are those of a
 * code object that runs, so they live at least as long as this call of a
 * tracer.  Never fails: where no Python code runs, or memory is short, the
 * names say UNKNOWN.
 */
void location_current(PyThreadState *tstate, struct pmt_place *place);

/* The place of instruction OFFSET (bytes) of CODE. */
struct pmt_place location_of(PyCodeObject *code, int offset);

/* What is known of CODE, borrowed from it; NULL when out of memory. */
struct known_code *location_known(PyCodeObject *code);

/* The line of instruction OFFSET (bytes) of CODE, of which KNOWN is known. */
int location_line(struct known_code *known, PyCodeObject *code, int offset);

/* Keep the names of KNOWN when its code object dies, until dropped. */
static inline void
location_hold(struct known_code *known)
{
	known->holders++;
}

void location_drop(struct known_code *known);

#endif
