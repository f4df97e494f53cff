/* SPDX-License-Identifier: MIT */
/* The types Profile and Trace, as Python sees them. */
#include <config.h>

#include "base/once.h"
#include "module/pmtmodule.h"
#include "module/threads.h"
#include "profile/block.h"
#include "profile/functions.h"
#include "profile/log.h"
#include "profile/legacy.h"
#include "profile/view.h"
#include "profile/wrapper.h"

static struct profiler *
profiler_from(PyObject *self)
{
	return (struct profiler *)self;
}

static PyObject *
new_of_kind(PyTypeObject *type, enum profiler_kind kind)
{
	struct profiler *profiler = (struct profiler *)type->tp_alloc(type, 0);

	if (profiler == NULL)
		return NULL;
	profiler->kind = kind;
	profiler->options.d_rss_trigger = -1;
	return (PyObject *)profiler;
}

static PyObject *
profile_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	(void)args;
	(void)kwargs;
	return new_of_kind(type, PROFILER_PROFILE);
}

static PyObject *
trace_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	(void)args;
	(void)kwargs;
	return new_of_kind(type, PROFILER_TRACE);
}

/* Entered, or another thread is leaving the block just now. */
static bool
is_busy(const struct profiler *profiler)
{
	return profiler->entered || profiler->log.sampler != NULL;
}

static int
profiler_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
	struct profiler *profiler = profiler_from(self);
	struct profiler_options options = { 0 };

	ONE_AT_A_TIME;
	if (profiler_options_init(&options, profiler->kind, args, kwargs) < 0) {
		profiler_options_fini(&options);
		return -1;
	}
	if (is_busy(profiler)) {
		PyErr_Format(PyExc_RuntimeError, "this %s is already running",
			     profiler_kind_name(profiler->kind));
		profiler_options_fini(&options);
		return -1;
	}
	profiler_options_fini(&profiler->options);
	profiler->options = options;
	return 0;
}

static void
profiler_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	/* The list of blocks holds a reference to who is on it. */
	pmt_tracelog_fini(&profiler_from(self)->log);
	profiler_options_fini(&profiler_from(self)->options);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *
end_all(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	ONE_AT_A_TIME;
	switching_lock();
	profiler_exit_all();
	switching_unlock();
	Py_RETURN_NONE;
}

static PyMethodDef end_all_method = {
	"end_profiling", end_all, METH_NOARGS,
	"Leave every block of Profile and Trace.",
};

static int
enter(struct profiler *profiler)
{
	if (!is_busy(profiler))
		return profiler_enter(profiler);
	PyErr_Format(PyExc_RuntimeError,
		     "this %s is already running: make another one",
		     profiler_kind_name(profiler->kind));
	return -1;
}

static PyObject *
method_enter(PyObject *self, PyObject *Py_UNUSED(args))
{
	int err;

	ONE_AT_A_TIME;
	if (PMT_ONCE(call_at_exit(&end_all_method)) < 0)
		return NULL;
	switching_lock();
	err = enter(profiler_from(self));
	switching_unlock();
	if (err < 0)
		return NULL;
	Py_INCREF(self);
	return self;
}

/* 0, -1 with an exception set, or 1 if there is no block to leave. */
static int
leave(struct profiler *profiler)
{
	int result = 1;

	switching_lock();
	if (profiler->entered)
		result = profiler_exit(profiler);
	switching_unlock();
	return result;
}

static PyObject *
method_exit(PyObject *self, PyObject *args)
{
	struct profiler *profiler = profiler_from(self);
	bool raising = PyTuple_GET_SIZE(args) > 0 &&
		       PyTuple_GET_ITEM(args, 0) != Py_None;
	int result;

	ONE_AT_A_TIME;
	result = leave(profiler);
	if (result > 0) {
		PyErr_Format(PyExc_RuntimeError,
			     "%s.__exit__() without __enter__()",
			     profiler_kind_name(profiler->kind));
		return NULL;
	}
	if (result < 0) {
		if (!raising)
			return NULL;
		/* The block's own exception is worth more than ours. */
		PyErr_WriteUnraisable(self);
	}
	Py_RETURN_FALSE;
}

static PyObject *
method_write_message(PyObject *self, PyObject *message)
{
	ONE_AT_A_TIME;
	return profiler_write_message(profiler_from(self), message);
}

static PyObject *
method_write(PyObject *self, PyObject *message)
{
	ONE_AT_A_TIME;
	return profiler_write_line(profiler_from(self), message);
}

static PyObject *
method_note_exit(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	if (profiler_from(self)->entered)
		profiler_note(profiler_from(self), PMT_MOMENT_EXIT);
	Py_RETURN_NONE;
}

static PyObject *
method_note_atexit(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	if (profiler_from(self)->entered)
		profiler_note(profiler_from(self), PMT_MOMENT_ATEXIT);
	Py_RETURN_NONE;
}

static PyObject *
method_log_file_path(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	return profiler_path(profiler_from(self));
}

static PyObject *
method_event_count(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromUnsignedLongLong(
		profiler_number(&profiler_from(self)->trigger.event));
}

static PyObject *
method_rss_growth(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct profiler *profiler = profiler_from(self);
	uint64_t rss;

	ONE_AT_A_TIME;
	rss = profiler_number(profiler->entered
				      ? &profiler->log.sampler->rss
				      : &profiler->last_rss);
	return PyLong_FromLongLong((int64_t)(rss - profiler->first_rss));
}

static PyObject *
method_rows_left_out(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromUnsignedLongLong(
		profiler_from(self)->log.file.left_out);
}

static PyObject *
method_statm_reads(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct profiler *profiler = profiler_from(self);
	uint64_t reads;

	ONE_AT_A_TIME;
	reads = profiler->entered
		? pmt_sampler_reads(profiler->log.sampler) -
		  profiler->log.reads_before
		: profiler_number(&profiler->reads);
	return PyLong_FromUnsignedLongLong(reads);
}

static PyObject *
profiler_repr(PyObject *self)
{
	struct profiler *profiler = profiler_from(self);
	PyObject *path, *repr;

	ONE_AT_A_TIME;
	path = profiler_path(profiler);
	if (path == NULL)
		return NULL;
	repr = PyUnicode_FromFormat("<%s %s, %llu events, log %R>",
		Py_TYPE(self)->tp_name,
		profiler->entered ? "running" : "not running",
		(unsigned long long)profiler_number(&profiler->trigger.event),
		path);
	Py_DECREF(path);
	return repr;
}

static PyObject *
get_wrapper(PyObject *self, void *Py_UNUSED(closure))
{
	ONE_AT_A_TIME;
	if (profiler_from(self)->log.file.path == NULL)
		Py_RETURN_NONE;
	return profiler_wrapper_new(profiler_from(self));
}

static PyMethodDef profiler_methods[] = {
	{ "__enter__", method_enter, METH_NOARGS,
	  "Begin to log; returns self." },
	{ "__exit__", method_exit, METH_VARARGS,
	  "End and close the log.  Raises OSError if rows could not be "
	  "written\nand the block raised nothing." },
	{ "write_message_to_log", method_write_message, METH_O,
	  "write_message_to_log(message)\n\nAdd a MSG row.  TypeError for what "
	  "is not a str, OSError outside of the with\nblock." },
	{ "write_to_log", method_write, METH_O,
	  "write_to_log(message)\n\nAdd the message alone, as it is." },
	{ "event_count", method_event_count, METH_NOARGS,
	  "event_count() -> int\n\nEvents so far, with a row or not." },
	{ "rss_growth", method_rss_growth, METH_NOARGS,
	  "rss_growth() -> int\n\nBytes by which the memory of the process has "
	  "grown since the block began;\nafter it, in the block." },
	{ "rows_left_out", method_rows_left_out, METH_NOARGS,
	  "rows_left_out() -> int\n\nRows that max_size left out, once the "
	  "log has ended." },
	{ "statm_reads", method_statm_reads, METH_NOARGS,
	  "statm_reads() -> int\n\nHow many events needed a system call to "
	  "know RSS." },
	{ "log_file_path", method_log_file_path, METH_NOARGS,
	  "log_file_path() -> str | None\n\nAbsolute path of this object's "
	  "log." },
	{ "_note_exit", method_note_exit, METH_NOARGS,
	  "_note_exit()\n\nThe program has ended, and cleaning up begins: for "
	  "pmt-run." },
	{ "_note_atexit", method_note_atexit, METH_NOARGS,
	  "_note_atexit()\n\nWhat the program has atexit comes next: for "
	  "pmt-run." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef profiler_attributes[] = {
	{ "trace_file_wrapper", get_wrapper, NULL,
	  "The log, as pymemtrace names it; None before the first enter.",
	  NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

#define COMMON_DOC \
"d_rss_trigger: log an event when RSS has moved by so many bytes since the\n" \
"last row; -1 one page, 0 every event.  message: str put before the log.\n" \
"filepath: of the log; a directory for a generated name in it; None for one\n" \
"in the working directory.  rss: how RSS is read, 'auto', 'gap', 'ring' or\n" \
"'every', see pmt-log(5).  threads: 'current' or 'all'.  include_files,\n" \
"exclude_files, include_functions: iterables of names or shell patterns;\n" \
"what they rule out runs at full speed.  engine: 'auto', 'monitoring'\n" \
"(Python 3.12) or 'legacy' (PyEval_SetProfile, PyEval_SetTrace).  format:\n" \
"'text' or 'compact'; by default compact if filepath ends in .pmt.\n" \
"max_size: bytes after which rows are left out and counted; ring: bytes of\n" \
"which the last are kept, the older half in filepath.older.  memory: note\n" \
"where the memory of the process is, at the start, the end and whenever it\n" \
"has grown by a tenth.  mode: permissions of the log, -1 for 0o600.\n" \
"columns: 'Own', for which own code an event happened.  stack: True or how\n" \
"many of the callers each row tells."

PyDoc_STRVAR(profile_doc,
"Profile(d_rss_trigger=-1, message=None, filepath=None, *, rss='auto',\n"
"        threads='current', include_files=None, exclude_files=None,\n"
"        include_functions=None, engine='auto', format=None,\n"
"        max_size=-1, ring=-1, memory=False, mode=-1, columns=(),\n"
"        stack=False)\n"
"\n"
"Context manager that logs calls and returns of Python and C functions at\n"
"which the memory of the process changes.\n"
"\n" COMMON_DOC);

PyDoc_STRVAR(trace_doc,
"Trace(d_rss_trigger=-1, message=None, filepath=None, *, rss='auto',\n"
"      threads='current', include_files=None, exclude_files=None,\n"
"      include_functions=None, engine='auto', format=None,\n"
"      max_size=-1, ring=-1, memory=False, mode=-1, columns=(),\n"
"      stack=False, opcodes=False)\n"
"\n"
"Context manager that logs lines, calls, returns and exceptions of Python\n"
"code at which the memory of the process changes.\n"
"\n" COMMON_DOC
"  opcodes: log\neach instruction too.");

#define PROFILER_SLOTS(doc, new) { \
	{ Py_tp_doc, (void *)doc }, \
	{ Py_tp_new, new }, \
	{ Py_tp_init, profiler_init }, \
	{ Py_tp_call, profiler_legacy_call }, \
	{ Py_tp_dealloc, profiler_dealloc }, \
	{ Py_tp_repr, profiler_repr }, \
	{ Py_tp_methods, profiler_methods }, \
	{ Py_tp_getset, profiler_attributes }, \
	{ 0, NULL }, \
}

static PyType_Slot profile_slots[] = PROFILER_SLOTS(profile_doc, profile_new);
static PyType_Slot trace_slots[] = PROFILER_SLOTS(trace_doc, trace_new);

static PyType_Spec profile_spec = {
	.name = "pmt.Profile",
	.basicsize = sizeof(struct profiler),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = profile_slots,
};

static PyType_Spec trace_spec = {
	.name = "pmt.Trace",
	.basicsize = sizeof(struct profiler),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = trace_slots,
};

int
profiler_exec(PyObject *module)
{
	if (location_init() < 0)
		return -1;
	if (profiler_wrapper_init() < 0 ||
	    add_type(module, &profile_spec) < 0 ||
	    add_type(module, &trace_spec) < 0)
		return -1;
	return PyModule_AddFunctions(module, profiler_functions);
}
