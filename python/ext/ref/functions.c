/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/functions.h"

#include "module/threads.h"
#include "ref/counts.h"
#include "ref/object.h"
#include "ref/tracer.h"

static PyObject *
wrapper_depth(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	ONE_AT_A_TIME;
	return PyLong_FromUnsignedLong(reftracer_depth(true));
}

static PyObject *
simple_wrapper_depth(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	ONE_AT_A_TIME;
	return PyLong_FromUnsignedLong(reftracer_depth(false));
}

static PyObject *
top_log_path(PyObject *module, PyObject *Py_UNUSED(args))
{
	struct ref_session *top;

	(void)module;
	ONE_AT_A_TIME;
	top = reftracer_top(true);
	if (top == NULL)
		Py_RETURN_NONE;
	return ref_object_path(object_of(top->owner));
}

static PyObject *
top_write_message(PyObject *module, PyObject *message)
{
	struct ref_session *top;

	(void)module;
	ONE_AT_A_TIME;
	top = reftracer_top(true);
	if (top == NULL) {
		PyErr_SetString(PyExc_ValueError,
				"Trying to write to a reference tracing log "
				"file when no reference tracer is active.");
		return NULL;
	}
	return ref_write_message(top, message);
}

static PyObject *
top_live_object_counts(PyObject *module, PyObject *Py_UNUSED(args))
{
	struct ref_session *top;

	(void)module;
	ONE_AT_A_TIME;
	top = reftracer_top(true);
	if (top == NULL) {
		PyErr_SetString(PyExc_RuntimeError,
				"reference_tracing_live_object_counts(): No "
				"reference tracing data is on the stack.");
		return NULL;
	}
	return ref_live_object_counts(top);
}

PyMethodDef ref_functions[] = {
	{ "reference_tracing_wrapper_depth", wrapper_depth, METH_NOARGS,
	  "How many ReferenceTracing blocks are being executed." },
	{ "reference_tracing_simple_wrapper_depth", simple_wrapper_depth,
	  METH_NOARGS,
	  "How many ReferenceTracingSimple blocks are being executed." },
	{ "reference_tracing_log_path", top_log_path, METH_NOARGS,
	  "Path of the innermost ReferenceTracing's log, or None." },
	{ "reference_tracing_write_message_to_log", top_write_message, METH_O,
	  "Add a MSG row to the innermost ReferenceTracing's log.\n\n"
	  "ValueError when none is active." },
	{ "reference_tracing_live_object_counts", top_live_object_counts,
	  METH_NOARGS,
	  "live_object_counts() of the innermost ReferenceTracing.\n\n"
	  "RuntimeError when none is active." },
	{ NULL, NULL, 0, NULL },
};
