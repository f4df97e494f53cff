/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/ask.h"

#include "module/threads.h"
#include "ref/block.h"
#include "ref/object.h"
#include "ref/tracer.h"

/* Whoever asked last.  The GIL's: without one nobody asks. */
static struct {
	PyObject *owner, *callable;	/* strong; OWNER has the session */
} asked;

/* While a block of the program's own traces we wait for its end. */
enum { LATER = 10000 };

static void
ask_after(struct ref_session *session, uint64_t events)
{
	events_lock();
	session->ask_at = session->created + session->destroyed + events;
	events_unlock();
}

static void
call(PyObject *callable)
{
	PyThreadState *tstate = PyThreadState_Get();
	int collects = PyGC_Disable();
	bool ignored;
	PyObject *result;

	ignored = reftracer_ignore(true);
	PyThreadState_EnterTracing(tstate);
	result = PyObject_CallNoArgs(callable);
	/* What failed is told at the end, or not at all. */
	if (result == NULL)
		PyErr_Clear();
	Py_XDECREF(result);
	Py_DECREF(callable);
	PyThreadState_LeaveTracing(tstate);
	reftracer_ignore(ignored);
	if (collects)
		PyGC_Enable();
}

static int
call_asked(void *arg)
{
	PyObject *callable = asked.callable;
	struct ref_session *session;

	(void)arg;
	if (callable == NULL)
		return 0;
	session = &object_of(asked.owner)->session;
	if (reftracer_top(true) != session || session->suspended) {
		ask_after(session, LATER);
		return 0;
	}
	asked.callable = NULL;
	call(callable);
	return 0;
}

/* If there is no room for the call, that was the last one. */
static void
ask(void)
{
	pmt_ignore(Py_AddPendingCall(call_asked, NULL));
}

PyObject *
ref_ask_after(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	if (count != 2 || !PyLong_Check(args[0])) {
		PyErr_SetString(PyExc_TypeError,
				"_ask_after(): an int and a callable");
		return NULL;
	}
	if (!ref_block_check(object_of(self), "_ask_after"))
		return NULL;
	Py_CLEAR(asked.callable);
	Py_CLEAR(asked.owner);
	if (args[1] != Py_None && !COMPAT_FREE_THREADED) {
		reftracer_due = ask;
		asked.owner = Py_NewRef(self);
		asked.callable = Py_NewRef(args[1]);
		ask_after(&object_of(self)->session,
			  PyLong_AsUnsignedLongLongMask(args[0]));
	}
	Py_RETURN_NONE;
}
