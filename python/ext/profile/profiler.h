/* SPDX-License-Identifier: MIT */
/* profiler.h - what is a Profile or Trace, and whose events does it get? */
#ifndef PMT_PROFILE_PROFILER_H
#define PMT_PROFILE_PROFILER_H

#include <stdatomic.h>

#include "module/compat.h"
#include "module/location.h"
#include "profile/options.h"
#include "sample/trigger.h"
#include "write/tracelog.h"

/* The event before the latest: its row may become a PREV. */
struct profiler_previous {
	struct known_code *code;	/* held, or NULL */
	enum pmt_what what;
	int line;
	uint64_t clock;			/* CPU ns */
	uint64_t rss;
	int64_t thread;
	char *callee;			/* a copy, or empty */
	size_t callee_size;		/* of the memory */
};

/* Guarded by the GIL, or the event lock (threads.h) where there is none. */
struct profiler {
	PyObject_HEAD
	enum profiler_kind kind;
	struct profiler_options options;

	/* Between enter and exit. */
	_Atomic bool entered;
	enum profiler_engine engine;	/* never AUTO */
	struct profiler *below;		/* of its kind; see profiler_of() */
	uint64_t thread;		/* that entered: PyThreadState's id */
	uint64_t serial;		/* of this entering, for the filter */
	struct pmt_tracelog log;
	struct pmt_trigger trigger;
	uint64_t first_rss;		/* bytes, in the FRST row */
	uint64_t last_rss;		/* in the LAST row */
	uint64_t reads;			/* of statm, once the block has ended */
	struct profiler_previous previous;
	uint64_t switches;		/* of threads, until the latest event */

	/* The legacy engine: whose place we took in our thread; strong. */
	_Atomic(Py_tracefunc) found;
	PyObject *found_object;
};

/*
 * The blocks of a kind, the latest entered first.  Guarded like those, and
 * changed ONE_AT_A_TIME.
 */
extern struct profiler *profiler_list[PROFILER_KINDS];

/*
 * Of the blocks from TOP on, which gets the events of THREAD?  The first that
 * covers it: an inner block suspends the outer one.  NULL: none.
 */
static inline struct profiler *
profiler_of(struct profiler *top, uint64_t thread)
{
	struct profiler *profiler = top;

	while (profiler != NULL && profiler->thread != thread &&
	       !profiler->options.all_threads)
		profiler = profiler->below;
	return profiler;
}

/* Is there a log, or is PROFILER for the probes alone? */
static inline bool
profiler_writes(const struct profiler *profiler)
{
	return profiler->options.log.encoding != PMT_ENCODING_NONE;
}

/* How many blocks of KIND cover THREAD. */
unsigned int profiler_depth(enum profiler_kind kind, uint64_t thread);

#endif
