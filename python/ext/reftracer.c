/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "reftracer.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "lock.h"
#include "objectalloc.h"
#include "referencelog.h"

/* CPython's tracer belongs to the process, so this does.  Guarded by `lock`. */
static struct {
	struct pmt_lock lock;
	struct ref_session *top;
	struct ref_session *logging;	/* gets the events, or NULL */
	struct ref_session *counting;	/* likewise */
	PyRefTracer before;		/* whom we found in the slot */
	void *before_data;
	bool at_fork;			/* our handlers are registered */
} tracer;

void
reftracer_lock(void)
{
	pmt_lock_take(&tracer.lock);
}

void
reftracer_unlock(void)
{
	pmt_lock_release(&tracer.lock);
}

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

bool
reftracer_uses(const char *path)
{
	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below) {
		if (session->file.path != NULL &&
		    strcmp(session->file.path, path) == 0)
			return true;
	}
	return false;
}

void
reftracer_refresh(void)
{
	tracer.logging = reftracer_top(true);
	if (tracer.logging != NULL && tracer.logging->suspended)
		tracer.logging = NULL;
	tracer.counting = reftracer_top(false);
	if (tracer.counting != NULL && tracer.counting->suspended)
		tracer.counting = NULL;
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
		if (session->options == NULL || session->file.inherited)
			continue;
		if (session != tracer.logging)
			ref_session_forget(session, (uintptr_t)object, type);
		if (is_type)
			type_cache_forget(&session->types,
					  (PyTypeObject *)object);
	}
}

/* The tracer: runs no Python code, makes no object, raises nothing. */
static int
on_event(PyObject *object, PyRefTracerEvent event, void *data)
{
	PyThreadState *tstate = PyThreadState_GetUnchecked();
	struct ref_session *logging;

	(void)data;
	if (event != PyRefTracer_CREATE && event != PyRefTracer_DESTROY)
		return 0;
	if (pmt_unlikely(tracer.before != NULL))
		(void)tracer.before(object, event, tracer.before_data);

	pmt_lock_take(&tracer.lock);
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
	if (logging != tracer.top || tracer.top->below != NULL ||
	    (event == PyRefTracer_DESTROY &&
	     PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_TYPE_SUBCLASS)))
		tell_detached(object, event == PyRefTracer_DESTROY);
	pmt_lock_release(&tracer.lock);
	return 0;
}

/* From the object allocator, for CPythons that do not report all. */
static void
on_freed(uintptr_t address, const void *content)
{
	pmt_lock_take(&tracer.lock);
	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below) {
		if (session->options != NULL)
			ref_session_freed(session, address, content,
					  session != tracer.logging);
	}
	pmt_lock_release(&tracer.lock);
}

static void
before_fork(void)
{
	pmt_lock_take(&tracer.lock);
}

static void
after_fork_in_parent(void)
{
	pmt_lock_release(&tracer.lock);
}

static void
after_fork_in_child(void)
{
	for (struct ref_session *session = tracer.top; session != NULL;
	     session = session->below)
		ref_session_inherit(session);
	pmt_lock_release(&tracer.lock);
}

static bool
wants_allocator(const struct ref_session *session)
{
	return session->options != NULL &&
	       (compat_destructions_missed() ||
		(session->options->columns & PMT_WITH_SIZE) != 0);
}

static int
install(void)
{
	int err;

	if (!tracer.at_fork) {
		err = pthread_atfork(before_fork, after_fork_in_parent,
				     after_fork_in_child);
		if (err != 0) {
			errno = err;
			PyErr_SetFromErrno(PyExc_OSError);
			return -1;
		}
		tracer.at_fork = true;
	}
	tracer.before = PyRefTracer_GetTracer(&tracer.before_data);
	if (tracer.before == on_event)
		tracer.before = NULL;
	return PyRefTracer_SetTracer(on_event, &tracer);
}

int
reftracer_push(struct ref_session *session, PyObject *owner)
{
	struct ref_session *outer = reftracer_top(session->options != NULL);

	if (tracer.top == NULL && install() < 0)
		return -1;
	session->owner = Py_NewRef(owner);
	if (wants_allocator(session))
		objectalloc_watch(on_freed);
	reftracer_lock();
	if (outer != NULL && outer->options != NULL && outer->file.log != NULL)
		ref_session_note(outer, "MSG", REFTRACER_DETACHING,
				 session->file.path);
	session->below = tracer.top;
	tracer.top = session;
	reftracer_refresh();
	reftracer_unlock();
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

	reftracer_lock();
	unlink_session(session);
	reftracer_refresh();
	outer = reftracer_top(logs);
	if (logs && was_top && outer != NULL && outer->file.log != NULL)
		ref_session_note(outer, "MSG", REFTRACER_ATTACHING);
	reftracer_unlock();

	if (tracer.top == NULL && ours) {
		(void)PyRefTracer_SetTracer(tracer.before, tracer.before_data);
		tracer.before = NULL;
	}
	if (wants_allocator(session))
		objectalloc_unwatch();
	Py_CLEAR(session->owner);
	return ours;
}
