/* SPDX-License-Identifier: MIT */
/* rows.h - one Profile or Trace block: its log, and how it gets events. */
#ifndef PMT_PROFILER_H
#define PMT_PROFILER_H

#include "module/compat.h"

#include "log/row.h"
#include "module/location.h"
#include "module/threads.h"
#include "profile/options.h"
#include "sample/clock.h"
#include "sample/sampler.h"
#include "sample/trigger.h"
#include "write/logfile.h"

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
	struct pmt_logfile file;
	struct pmt_sampler *sampler;
	struct pmt_clock clock;
	struct pmt_trigger trigger;
	uint64_t first_rss;		/* bytes, in the FRST row */
	uint64_t last_rss;		/* in the LAST row */
	uint64_t reads;			/* of statm, once the block has ended */
	struct profiler_previous previous;

	/* The legacy engine: whose place we took in our thread; strong. */
	Py_tracefunc found;
	PyObject *found_object;
};

/* "Profile" or "Trace". */
const char *profiler_kind_name(enum profiler_kind kind);

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

/* How many blocks of KIND cover THREAD. */
unsigned int profiler_depth(enum profiler_kind kind, uint64_t thread);

/*
 * Open the log, write its first rows, and let the events come.  Returns 0, or
 * -1 with a Python exception set and everything as it was.  This and the next
 * are called with the switching lock (threads.h).
 */
int profiler_enter(struct profiler *profiler);

/*
 * Let go of the events, wherever among the blocks this one stands, write the
 * last rows and close.  Returns 0, or -1 with OSError set: the log is not
 * whole.
 */
int profiler_exit(struct profiler *profiler);

/* End all blocks, at the end of the interpreter. */
void profiler_exit_all(void);

/* In the child of a fork: make sure that there is a log, if there can be. */
void profiler_open_inherited(struct profiler *profiler);

/* A MSG row of SIZE bytes of UTF-8; false if the log is closed. */
bool profiler_message(struct profiler *profiler, const char *text,
		      size_t size);

/*
 * An event of TSTATE in CODE at the instruction OFFSET (bytes), or at LINE if
 * that is not 0; CALLEE is the name of a C function or NULL.  False: filtered
 * out, and will be each time.  Makes no Python object, runs no Python code,
 * raises nothing.  The caller has taken events_lock_without_gil().
 */
bool profiler_event(struct profiler *profiler, PyThreadState *tstate,
		    enum pmt_what what, PyCodeObject *code, int offset,
		    int line, const char *callee);

/*
 * The engines.  attach: PROFILER, already on the list, shall get events.
 * Returns 0, or -1 with a Python exception set.  detach: PROFILER, no longer
 * on the list, shall get none.  Returns false if another tool had taken the
 * place, so that events were missed; raises nothing.
 */
int profiler_monitoring_attach(struct profiler *profiler);
bool profiler_monitoring_detach(struct profiler *profiler);
int profiler_legacy_attach(struct profiler *profiler);
bool profiler_legacy_detach(struct profiler *profiler);

/* A block called as a trace or profile function: (frame, event, arg). */
PyObject *profiler_legacy_call(PyObject *self, PyObject *args,
			       PyObject *kwargs);

#endif
