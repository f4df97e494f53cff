/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/functions.h"

#include "module/threads.h"
#include "profile/view.h"

static struct profiler *
innermost(enum profiler_kind kind)
{
	return profiler_of(profiler_list[kind], PyThreadState_Get()->id);
}

static PyObject *
depth(enum profiler_kind kind)
{
	ONE_AT_A_TIME;
	return PyLong_FromUnsignedLong(
		profiler_depth(kind, PyThreadState_Get()->id));
}

static PyObject *
innermost_path(enum profiler_kind kind)
{
	struct profiler *profiler;

	ONE_AT_A_TIME;
	profiler = innermost(kind);
	if (profiler == NULL)
		Py_RETURN_NONE;
	return profiler_path(profiler);
}

/* pymemtrace's own words, which programs may compare with. */
static PyObject *
innermost_message(enum profiler_kind kind, PyObject *message)
{
	struct profiler *profiler;

	ONE_AT_A_TIME;
	profiler = innermost(kind);
	if (profiler != NULL)
		return profiler_write_message(profiler, message);
	PyErr_Format(PyExc_ValueError, "Trying to write to a %s log file when "
		     "no reference tracer is active.",
		     kind == PROFILER_PROFILE ? "profile" : "trace");
	return NULL;
}

#define MODULE_FUNCTIONS(name, kind) \
	static PyObject * \
	name##_wrapper_depth(PyObject *module, PyObject *Py_UNUSED(args)) \
	{ \
		(void)module; \
		return depth(kind); \
	} \
	static PyObject * \
	name##_log_path(PyObject *module, PyObject *Py_UNUSED(args)) \
	{ \
		(void)module; \
		return innermost_path(kind); \
	} \
	static PyObject * \
	name##_write_message_to_log(PyObject *module, PyObject *message) \
	{ \
		(void)module; \
		return innermost_message(kind, message); \
	}

MODULE_FUNCTIONS(profile, PROFILER_PROFILE)
MODULE_FUNCTIONS(trace, PROFILER_TRACE)

PyMethodDef profiler_functions[] = {
	{ "profile_wrapper_depth", profile_wrapper_depth, METH_NOARGS,
	  "How many Profile blocks this thread is in." },
	{ "profile_log_path", profile_log_path, METH_NOARGS,
	  "Path of the innermost Profile's log, or None." },
	{ "profile_write_message_to_log", profile_write_message_to_log,
	  METH_O,
	  "Add a MSG row to the innermost Profile's log.\n\n"
	  "ValueError when none is active." },
	{ "trace_wrapper_depth", trace_wrapper_depth, METH_NOARGS,
	  "How many Trace blocks this thread is in." },
	{ "trace_log_path", trace_log_path, METH_NOARGS,
	  "Path of the innermost Trace's log, or None." },
	{ "trace_write_message_to_log", trace_write_message_to_log,
	  METH_O,
	  "Add a MSG row to the innermost Trace's log.\n\n"
	  "ValueError when none is active." },
	{ NULL, NULL, 0, NULL },
};
