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

static bool
is_failure(PyObject *raised)
{
	return PyErr_GivenExceptionMatches(raised, PyExc_OSError) ||
	       PyErr_GivenExceptionMatches(raised, PyExc_MemoryError) ||
	       PyErr_GivenExceptionMatches(raised, PyExc_RuntimeError);
}

/* Not by what the program has signals do meanwhile, which are other frames. */
static bool
is_raised_by(PyObject *raised, PyObject *callable)
{
	PyObject *function = PyMethod_Check(callable)
		? PyMethod_GET_FUNCTION(callable) : callable;
	PyTracebackObject *last =
		(PyTracebackObject *)PyException_GetTraceback(raised);
	PyObject *globals;
	bool answer;

	/* It was not even called. */
	if (last == NULL)
		return true;
	/* The first one keeps the others. */
	Py_DECREF(last);
	while (last->tb_next != NULL)
		last = last->tb_next;
	globals = PyFrame_GetGlobals(last->tb_frame);
	answer = PyFunction_Check(function) &&
		 globals == PyFunction_GET_GLOBALS(function);
	Py_DECREF(globals);
	return answer;
}

/* What failed is told at the end, or not at all; anything else goes on. */
static int
pass_on(PyObject *callable)
{
	PyObject *raised = PyErr_GetRaisedException();

	if (is_failure(raised) && is_raised_by(raised, callable)) {
		Py_DECREF(raised);
		return 0;
	}
	PyErr_SetRaisedException(raised);
	return -1;
}

/* It asks for the next time itself, but when it fails before that. */
static void
ask_again(PyObject *owner, PyObject *callable)
{
	if (asked.owner != owner || asked.callable != NULL)
		return;
	asked.callable = Py_NewRef(callable);
	ask_after(&object_of(owner)->session, LATER);
}

static int
call(PyObject *owner, PyObject *callable)
{
	PyThreadState *tstate = PyThreadState_Get();
	int collects = PyGC_Disable();
	bool ignored;
	int outcome = 0;
	PyObject *result;

	ignored = reftracer_ignore(true);
	PyThreadState_EnterTracing(tstate);
	result = PyObject_CallNoArgs(callable);
	if (result == NULL) {
		outcome = pass_on(callable);
		ask_again(owner, callable);
	}
	Py_XDECREF(result);
	PyThreadState_LeaveTracing(tstate);
	reftracer_ignore(ignored);
	if (collects)
		PyGC_Enable();
	return outcome;
}

static int
call_asked(void *arg)
{
	PyObject *callable = asked.callable;
	struct ref_session *session;
	PyObject *owner;
	int outcome;

	(void)arg;
	if (callable == NULL)
		return 0;
	session = &object_of(asked.owner)->session;
	if (reftracer_top(true) != session || session->suspended) {
		ask_after(session, LATER);
		return 0;
	}
	asked.callable = NULL;
	owner = Py_NewRef(asked.owner);
	outcome = call(owner, callable);
	Py_DECREF(callable);
	Py_DECREF(owner);
	return outcome;
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
