/* SPDX-License-Identifier: MIT */
/* location.h - file, line and function of what runs now, looked up once. */
#ifndef PMT_LOCATION_H
#define PMT_LOCATION_H

#include "module/codemap.h"
#include "module/compat.h"
#include "module/whose.h"
#include "log/row.h"

/* How many filters may keep their verdict with a code object. */
enum { LOCATION_FILTERS = 2 };

/*
 * With each code object we keep (codemap.h) the columns of its names and a
 * table from instruction to line that is filled as lines are met.  Both are
 * freed with the code object, so nothing here grows with the run.  Guarded as
 * that map is.
 */

struct known_code {
	struct pmt_column file;
	struct pmt_column function;
	enum whose whose;
	struct code_verdict {	/* of a filter */
		uint64_t serial;	/* of who asked */
		bool wanted;
	} verdict[LOCATION_FILTERS];
	unsigned int holders;	/* the code object counts as one */
	size_t units;		/* instructions of the code object */
	int lines[];		/* line of each, 0: not asked for yet */
};

/* Code objects that died of which something was known. */
extern PMT_HIDDEN unsigned int location_deaths;

/*
 * Once for the process.  Returns 0, or -1 with a Python exception set.
 */
int location_init(void);

/* For the inline functions below: what is not known yet. */
struct known_code *location_learn(PyInterpreterState *interp,
				  PyCodeObject *code);
int location_learn_line(struct known_code *known, PyCodeObject *code,
			int offset);
extern PMT_HIDDEN const struct pmt_place location_unknown;

/*
 * What is known of CODE, borrowed from it; NULL when out of memory.  INTERP is
 * the interpreter that runs.
 */
static inline struct known_code *
location_known(PyInterpreterState *interp, PyCodeObject *code)
{
	struct known_code *known = code_map_get(interp, code);

	return pmt_likely(known != NULL) ? known : location_learn(interp, code);
}

/* The line of instruction OFFSET (bytes) of CODE, of which KNOWN is known. */
static inline int
location_line(struct known_code *known, PyCodeObject *code, int offset)
{
	size_t unit = (size_t)offset / sizeof(uint16_t);

	if (pmt_likely(unit < known->units && known->lines[unit] != 0))
		return known->lines[unit];
	return location_learn_line(known, code, offset);
}

/*
 * *place: instruction OFFSET (bytes) of CODE.  Never fails: when memory is
 * short the names say UNKNOWN.
 */
static inline void
location_of(PyInterpreterState *interp, PyCodeObject *code, int offset,
	    struct pmt_place *place)
{
	struct known_code *known = location_known(interp, code);

	if (pmt_unlikely(known == NULL)) {
		*place = location_unknown;
		return;
	}
	place->file = &known->file;
	place->function = &known->function;
	place->line = location_line(known, code, offset);
}

/*
 * *place: where TSTATE runs; TSTATE may be NULL.  The names are those of a
 * code object that runs, so they live at least as long as this call of a
 * tracer.  Where no Python code runs they say UNKNOWN, too.
 */
static inline void
location_current(PyThreadState *tstate, struct pmt_place *place)
{
	PyCodeObject *code = NULL;
	int offset = 0;

	if (pmt_likely(tstate != NULL))
		code = compat_current_code(tstate, &offset);
	if (pmt_likely(code != NULL))
		location_of(tstate->interp, code, offset, place);
	else
		*place = location_unknown;
}

/* Keep the names of KNOWN when its code object dies, until dropped. */
static inline void
location_hold(struct known_code *known)
{
	known->holders++;
}

void location_drop(struct known_code *known);

#endif
