/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/tracer.h"

#include <stdatomic.h>

#include "base/interval.h"
#include "log/row.h"
#include "module/pmtmodule.h"
#include "ref/objectalloc.h"
#include "ref/tally.h"
#include "sample/chosen.h"

/* CPython's tracer belongs to the process, so this does.  The event lock's. */
static struct {
	struct ref_session *top;
	struct ref_session *logging;	/* gets the events, or NULL */
	struct ref_session *counting;	/* gets the events, or NULL */
	_Atomic(struct ref_session *) only;	/* nobody else wants them */
	_Atomic(const PyThreadState *) ours;	/* not the program's work */
	uint64_t created, destroyed;	/* tallies that it has counted in */
	_Atomic PyRefTracer before;	/* the tracer that was there */
	void *before_data;		/* set before that, then constant */
	/* Whose events anybody wants, see sample/chosen.h. */
	_Atomic uint64_t key;		/* set before the bound */
	_Atomic uint64_t bound;
} tracer = { .bound = PMT_CHOSEN_ALL };

void (*reftracer_due)(void);

static bool
is_kind(const struct ref_session *session, bool logs)
{
	return (session->options != NULL) == logs;
}

struct ref_session *
reftracer_top(bool logs)
{
	struct ref_session *session = tracer.top;

	while (session != NULL && !is_kind(session, logs))
		session = session->below;
	return session;
}

struct ref_session *
reftracer_any(void)
{
	return tracer.top;
}

unsigned int
reftracer_depth(bool logs)
{
	unsigned int depth = 0;

	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below)
		depth += is_kind(session, logs);
	return depth;
}

static uint64_t
widest_bound(void)
{
	uint64_t bound = 0;

	if (tracer.before != NULL || tracer.top == NULL)
		return PMT_CHOSEN_ALL;
	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below) {
		if (session->options == NULL)
			return PMT_CHOSEN_ALL;
		if (session->options->bound > bound)
			bound = session->options->bound;
	}
	return bound;
}

void
reftracer_settle(void)
{
	uint64_t created, destroyed;
	struct ref_session *only = tracer.only;

	tally_sum(&created, &destroyed);
	if (only != NULL) {
		only->created += created - tracer.created;
		only->destroyed += destroyed - tracer.destroyed;
	}
	tracer.created = created;
	tracer.destroyed = destroyed;
}

void
reftracer_refresh(void)
{
	atomic_store_explicit(&tracer.key, pmt_chosen_key(),
			      memory_order_relaxed);
	atomic_store_explicit(&tracer.bound, widest_bound(),
			      memory_order_release);
	reftracer_settle();
	tracer.logging = reftracer_top(true);
	if (tracer.logging != NULL && tracer.logging->suspended)
		tracer.logging = NULL;
	tracer.counting = reftracer_top(false);
	if (tracer.counting != NULL && tracer.counting->suspended)
		tracer.counting = NULL;
	tracer.only = NULL;
	if (tracer.before == NULL && tracer.counting == tracer.top &&
	    reftracer_depth(true) == 0 && reftracer_depth(false) == 1)
		tracer.only = tracer.counting;
}

/* Sessions that get no rows still must know what is alive. */
static void
tell_detached(PyObject *object, bool destroyed)
{
	PyTypeObject *type = Py_TYPE(object);
	bool is_type = destroyed &&
		       PyType_HasFeature(type, Py_TPFLAGS_TYPE_SUBCLASS);

	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below) {
		if (session->options == NULL || session->log.file.inherited)
			continue;
		if (session != tracer.logging)
			ref_session_forget(session, (uintptr_t)object, type);
		if (is_type)
			type_cache_forget(&session->types,
					  (PyTypeObject *)object);
	}
}

static inline bool
is_ignored(const PyThreadState *tstate)
{
	const PyThreadState *ours = atomic_load_explicit(&tracer.ours,
						memory_order_relaxed);

	return ours != NULL && ours == tstate;
}

/* Out of line: what is not wanted must not pay for its registers. */
static __attribute__((noinline)) int
take_event(PyObject *object, PyRefTracerEvent event)
{
	PyThreadState *tstate;
	PyRefTracer before;
	struct ref_session *logging;
	bool due = false;

	_Static_assert(PyRefTracer_CREATE == 0 && PyRefTracer_DESTROY == 1,
		       "a tally has them in this order");
	if (atomic_load_explicit(&tracer.only, memory_order_relaxed) != NULL &&
	    event <= PyRefTracer_DESTROY && tally_count(event))
		return 0;
	before = atomic_load_explicit(&tracer.before, memory_order_acquire);
	if (event != PyRefTracer_CREATE && event != PyRefTracer_DESTROY)
		return 0;
	if (pmt_unlikely(before != NULL))
		(void)before(object, event, tracer.before_data);
	tstate = PyThreadState_GetUnchecked();
	if (pmt_unlikely(is_ignored(tstate)))
		return 0;
	events_lock();
	if (pmt_unlikely(tracer.only != NULL))
		tally_join();
	logging = tracer.logging;
	if (event == PyRefTracer_CREATE) {
		if (tracer.counting != NULL)
			tracer.counting->created++;
		if (logging != NULL)
			ref_session_created(logging, object, tstate);
	} else {
		if (tracer.counting != NULL)
			tracer.counting->destroyed++;
		if (logging != NULL)
			ref_session_destroyed(logging, Py_TYPE(object),
					      (uintptr_t)object, tstate);
	}
	/* Without a session an event is late: see uninstall(). */
	if (logging != tracer.top ||
	    (logging != NULL && logging->below != NULL) ||
	    (event == PyRefTracer_DESTROY &&
	     PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_TYPE_SUBCLASS)))
		tell_detached(object, event == PyRefTracer_DESTROY);
	if (logging != NULL)
		due = ref_session_is_due(logging);
	events_unlock();
	if (pmt_unlikely(due))
		reftracer_due();
	return 0;
}

bool
reftracer_ignore(bool on)
{
	const PyThreadState *tstate = PyThreadState_Get();
	bool before = is_ignored(tstate);

	if (on || before)
		atomic_store_explicit(&tracer.ours, on ? tstate : NULL,
				      memory_order_relaxed);
	return before;
}

/* The key is read after the bound, for which it was set. */
static inline bool
is_wanted(uintptr_t address)
{
	uint64_t bound = atomic_load_explicit(&tracer.bound,
					      memory_order_acquire);
	uint64_t key = atomic_load_explicit(&tracer.key, memory_order_relaxed);

	return pmt_is_chosen(address, key, bound);
}

/*
 * The tracer: runs no Python code, makes no object, raises nothing.  A type
 * that dies is always of interest: another may come to its address.
 */
static int
on_event(PyObject *object, PyRefTracerEvent event, void *data)
{
	(void)data;
	if (is_wanted((uintptr_t)object) ||
	    (event == PyRefTracer_DESTROY &&
	     PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_TYPE_SUBCLASS)))
		return take_event(object, event);
	return 0;
}

static __attribute__((noinline)) void
take_freed(uintptr_t address, const void *content)
{
	if (is_ignored(PyThreadState_GetUnchecked()))
		return;
	events_lock();
	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below) {
		if (session->options != NULL)
			ref_session_freed(session, address, content,
					  session != tracer.logging);
	}
	events_unlock();
}

/*
 * From the object allocator, for CPythons that do not report all.  Objects
 * begin 0, 16 or 32 bytes into their block.
 */
static void
on_freed(uintptr_t address, const void *content)
{
	if (is_wanted(address) || is_wanted(address + 16) ||
	    is_wanted(address + 32))
		take_freed(address, content);
}

static bool
wants_allocator(const struct ref_session *session)
{
	return session->options != NULL &&
	       (compat_destructions_missed() ||
		ref_session_asks_allocator(session));
}

static int
install(void)
{
	PyRefTracer found;
	void *found_data;
	int err = threads_prepare_fork();

	if (err < 0) {
		set_os_error(err, NULL);
		return -1;
	}
	found = PyRefTracer_GetTracer(&found_data);
	if (found == on_event)
		return 0;
	tracer.before_data = found_data;
	tracer.before = found;
	return PyRefTracer_SetTracer(on_event, NULL);
}

/*
 * In a free-threaded build we stay, do nothing, and go on passing events to
 * the tracer that was there before: a thread may have looked just now and be
 * about to call what it saw (gh-137992; 3.15 stops the world first).
 */
static void
uninstall(void)
{
	if (COMPAT_FREE_THREADED)
		return;
	(void)PyRefTracer_SetTracer(tracer.before, tracer.before_data);
	tracer.before = NULL;
}

/* What an idle program has not told for its interval, or nearly that. */
static void
write_idle_summaries(void)
{
	events_lock();
	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below) {
		if (session->options != NULL && session->log.file.log != NULL &&
		    session->options->log.interval > 0)
			pmt_logfile_flush_old(&session->log.file, pmt_ticks());
	}
	events_unlock();
}

/* Events write summaries; while there are none, a thread looks after them. */
static void
watch_summaries(void)
{
	static uint64_t watched;
	uint64_t shortest = 0, ns;

	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below) {
		ns = session->options == NULL ? 0
			: session->options->log.interval;
		if (ns > 0 && (shortest == 0 || ns < shortest))
			shortest = ns;
	}
	if (shortest == watched)
		return;
	watched = shortest;
	if (shortest == 0)
		pmt_interval_stop();
	else
		/* Without the thread the next event writes. */
		pmt_ignore(pmt_interval_start(shortest / 4 + 1000000,
					      write_idle_summaries));
}

static void
set_suspended(struct ref_session *session, bool suspended)
{
	events_lock();
	session->suspended = suspended;
	reftracer_refresh();
	events_unlock();
}

void
reftracer_measure(struct ref_session *session)
{
	if (tracer.logging != session)
		return;
	set_suspended(session, true);
	ref_session_measure(session);
	set_suspended(session, false);
}

int
reftracer_push(struct ref_session *session, PyObject *owner)
{
	struct ref_session *outer;

	if (tracer.top == NULL && install() < 0)
		return -1;
	outer = reftracer_top(session->options != NULL);
	session->owner = Py_NewRef(owner);
	if (wants_allocator(session))
		objectalloc_watch(compat_destructions_missed() ? on_freed
							       : NULL,
				  ref_session_asks_allocator(session));
	events_lock();
	if (outer != NULL && outer->options != NULL)
		pmt_tracelog_note(&outer->log, false, REFTRACER_DETACHING,
				  session->log.file.path);
	session->below = tracer.top;
	tracer.top = session;
	reftracer_refresh();
	events_unlock();
	watch_summaries();
	return 0;
}

static void
unlink_session(struct ref_session *session)
{
	struct ref_session **link = &tracer.top;

	while (*link != session)
		link = &(*link)->below;
	*link = session->below;
	session->below = NULL;
}

bool
reftracer_remove(struct ref_session *session)
{
	bool logs = session->options != NULL;
	bool was_top = reftracer_top(logs) == session;
	bool ours = PyRefTracer_GetTracer(NULL) == on_event;
	struct ref_session *outer;

	events_lock();
	unlink_session(session);
	reftracer_refresh();
	outer = reftracer_top(logs);
	if (logs && was_top && outer != NULL)
		pmt_tracelog_note(&outer->log, false, REFTRACER_ATTACHING);
	events_unlock();

	watch_summaries();
	if (tracer.top == NULL && ours)
		uninstall();
	if (wants_allocator(session))
		objectalloc_unwatch();
	Py_CLEAR(session->owner);
	return ours;
}
