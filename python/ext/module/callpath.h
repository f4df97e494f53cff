/* SPDX-License-Identifier: MIT */
/* callpath.h - by which calls, and for which own line, does a thread work? */
#ifndef PMT_CALLPATH_H
#define PMT_CALLPATH_H

#include "log/row.h"
#include "module/compat_running.h"
#include "module/location.h"

/* Of calls nested deeper than DEPTH the innermost 32 count. */
enum { CALLPATH_DEPTH = 1024 };

/*
 * The frames of a thread, as they were found last.  Most are where they were
 * and run what they ran from one event to the next: what was found out about
 * them then still holds.  Frames of pmt's own code are passed over.
 *
 * All zeroes is none.  It makes no object; the caller has the event lock, or
 * the GIL where that is the lock (threads.h).
 */
struct callpath {
	/* Those that called the innermost, outermost first. */
	struct callpath_frame {
		const struct compat_running *frame;
		uintptr_t instruction;
		uint32_t callers;	/* of pmt_callers, with this one */
	} frames[CALLPATH_DEPTH];
	size_t depth;
	bool cut;		/* there are others further out */
	unsigned int deaths;	/* of code objects, at that time */

	/* The same as rows have them, with room for the innermost. */
	struct pmt_caller callers[CALLPATH_DEPTH + 1];
	size_t count;
	/* What each is to a library that it calls. */
	struct pmt_own owns[CALLPATH_DEPTH + 1];

	/* The innermost; NULL: no Python code runs. */
	struct known_code *known;
	int line;
};

/*
 * Find the frames of TSTATE, which may be NULL.  Names live at least as long as
 * this call of a tracer.
 */
void callpath_find(struct callpath *path, PyThreadState *tstate);

/* *own: for KNOWN, called by the first COUNT of the callers; or NULL. */
void callpath_own(const struct callpath *path, size_t count,
		  const struct known_code *known, struct pmt_own *own);

/* *place: where the innermost frame is, UNKNOWN without one. */
static inline void
callpath_place(const struct callpath *path, struct pmt_place *place)
{
	if (pmt_unlikely(path->known == NULL)) {
		*place = location_unknown;
		return;
	}
	place->file = &path->known->file;
	place->function = &path->known->function;
	place->line = path->line;
}

/* The innermost frame, if any, is a caller too, until the next find. */
void callpath_enter_innermost(struct callpath *path);

/*
 * The first COUNT of the callers, of which no more than LIMIT are told, until
 * the next call.
 */
static inline struct pmt_callers
callpath_callers(struct callpath *path, size_t count, size_t limit)
{
	size_t begin = count > limit ? count - limit : 0;

	return (struct pmt_callers){
		path->callers + begin, count - begin, path->cut || begin > 0
	};
}

#endif
