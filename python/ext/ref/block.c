/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/block.h"

#include <string.h>

#include "base/once.h"
#include "module/pmtmodule.h"
#include "module/threads.h"
#include "ref/object.h"
#include "ref/tracer.h"

static int
find_collect(struct reference_object *object)
{
	PyObject *gc;

	if (object->collect != NULL || !object->logs)
		return 0;
	gc = PyImport_ImportModule("gc");
	if (gc != NULL)
		object->collect = PyObject_GetAttrString(gc, "collect");
	Py_XDECREF(gc);
	return object->collect == NULL ? -1 : 0;
}

/* Of destructions that nobody told us of. */
static void
sweep(struct ref_session *session)
{
	events_lock();
	ref_session_sweep(session, PyThreadState_GetUnchecked());
	events_unlock();
}

/*
 * Leave the stack and close the log, whatever exception is set.  With none
 * set, an exception tells what went wrong, if something did.
 */
static int
leave(struct reference_object *object)
{
	PyObject *raised = PyErr_GetRaisedException();
	struct ref_session *session = &object->session;
	bool ours;
	int err;

	sweep(session);
	if (!object->measured)
		reftracer_measure(session);
	object->entered = false;
	ours = reftracer_remove(session);
	if (!ours)
		pmt_tracelog_note(&session->log, true, "Another tool took the "
				  "reference tracer: events are missing");
	err = ref_session_close(session);

	if (raised != NULL) {
		PyErr_SetRaisedException(raised);
		return -1;
	}
	if (err < 0) {
		set_os_error(err, session->log.file.path);
		return -1;
	}
	if (!ours)
		return PyErr_WarnEx(PyExc_RuntimeWarning,
			"another tool took CPython's reference tracer inside "
			"this block: events are missing", 1);
	return 0;
}

/* At exit of the interpreter: what is still open gets its end. */
static PyObject *
end_all(PyObject *module, PyObject *Py_UNUSED(args))
{
	struct ref_session *session;

	(void)module;
	ONE_AT_A_TIME;
	while ((session = reftracer_any()) != NULL) {
		PyObject *owner = Py_NewRef(session->owner);

		if (leave(object_of(owner)) < 0)
			PyErr_WriteUnraisable(owner);
		Py_DECREF(owner);
	}
	Py_RETURN_NONE;
}

static PyMethodDef end_all_method = {
	"end_reference_tracing", end_all, METH_NOARGS,
	"Leave every block of reference tracing.",
};

PyObject *
ref_block_enter(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct reference_object *object = object_of(self);

	ONE_AT_A_TIME;
	if (PMT_ONCE(call_at_exit(&end_all_method)) < 0 ||
	    find_collect(object) < 0)
		return NULL;
	/* Another thread may be leaving the block just now. */
	if (object->entered || object->session.owner != NULL) {
		PyErr_Format(PyExc_RuntimeError,
			     "this %s is already tracing: make another one",
			     object->logs ? "ReferenceTracing"
					  : "ReferenceTracingSimple");
		return NULL;
	}
	ref_session_fini(&object->session);
	memset(&object->session, 0, sizeof(object->session));
	if (object->logs &&
	    ref_session_open(&object->session, &object->options,
			     reftracer_depth(true)) < 0)
		return NULL;
	object->entered = true;
	object->collected = object->measured = false;
	if (reftracer_push(&object->session, self) < 0) {
		object->entered = false;
		pmt_ignore(ref_session_close(&object->session));
		return NULL;
	}
	object->used = true;
	return Py_NewRef(self);
}

static void
note(struct reference_object *object, enum pmt_moment moment)
{
	events_lock();
	pmt_tracelog_note_memory(&object->session.log, moment);
	events_unlock();
}

void
ref_block_collect(struct reference_object *object)
{
	PyObject *collected;

	if (!object->logs || object->collected)
		return;
	object->collected = true;
	note(object, PMT_MOMENT_EXIT);
	if (object->options.gc_generation < 0)
		return;
	collected = PyObject_CallFunction(object->collect, "i",
					  object->options.gc_generation);
	Py_XDECREF(collected);
}

void
ref_block_before_atexit(struct reference_object *object)
{
	sweep(&object->session);
	reftracer_measure(&object->session);
	object->measured = true;
	note(object, PMT_MOMENT_ATEXIT);
}

PyObject *
ref_block_exit(PyObject *self, PyObject *args)
{
	struct reference_object *object = object_of(self);
	bool raising = PyTuple_GET_SIZE(args) > 0 &&
		       PyTuple_GET_ITEM(args, 0) != Py_None;
	/* The stack's reference may be the last. */
	PyObject *keep = Py_NewRef(self);
	int err = 0;

	ONE_AT_A_TIME;
	if (!object->entered) {
		PyErr_Format(PyExc_RuntimeError,
			     "%s.__exit__() without __enter__()",
			     object->logs ? "ReferenceTracing"
					  : "ReferenceTracingSimple");
		Py_DECREF(keep);
		return NULL;
	}
	ref_block_collect(object);
	/* Collecting may have run code that left this block. */
	if (object->entered)
		err = leave(object);
	else if (PyErr_Occurred())
		err = -1;
	/* The block's own exception is worth more than ours. */
	if (err < 0 && raising) {
		PyErr_WriteUnraisable(self);
		err = 0;
	}
	Py_DECREF(keep);
	if (err < 0)
		return NULL;
	Py_RETURN_FALSE;
}

bool
ref_block_check(struct reference_object *object, const char *what)
{
	if (object->entered)
		return true;
	PyErr_Format(PyExc_RuntimeError, "%s() outside of the with block",
		     what);
	return false;
}

static bool
check_top(struct reference_object *object, const char *what)
{
	if (!ref_block_check(object, what))
		return false;
	if (reftracer_top(object->logs) == &object->session)
		return true;
	PyErr_Format(PyExc_RuntimeError,
		     "%s() while an inner one is tracing: events are not ours "
		     "to %s", what, what);
	return false;
}

static void
set_suspended(struct ref_session *session, bool suspended)
{
	static const char going[] = "Suspending reference tracing.";
	static const char coming[] = "Resuming reference tracing.";

	events_lock();
	session->suspended = suspended;
	if (session->log.file.log != NULL && suspended)
		ref_session_message(session, going, sizeof(going) - 1);
	else if (session->log.file.log != NULL)
		ref_session_message(session, coming, sizeof(coming) - 1);
	reftracer_refresh();
	events_unlock();
}

PyObject *
ref_block_suspend(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct ref_session *session = &object_of(self)->session;

	ONE_AT_A_TIME;
	if (!check_top(object_of(self), "suspend"))
		return NULL;
	if (session->suspended) {
		PyErr_SetString(PyExc_RuntimeError,
				"suspend(): already suspended");
		return NULL;
	}
	set_suspended(session, true);
	Py_RETURN_NONE;
}

PyObject *
ref_block_resume(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct ref_session *session = &object_of(self)->session;

	ONE_AT_A_TIME;
	if (!check_top(object_of(self), "resume"))
		return NULL;
	if (!session->suspended) {
		PyErr_SetString(PyExc_RuntimeError, "resume(): not suspended");
		return NULL;
	}
	set_suspended(session, false);
	Py_RETURN_NONE;
}
