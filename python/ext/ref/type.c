/* SPDX-License-Identifier: MIT */
/* The types ReferenceTracing and ReferenceTracingSimple. */
#include <config.h>

#include "module/location.h"
#include "module/pmtmodule.h"
#include "module/threads.h"
#include "ref/ask.h"
#include "ref/block.h"
#include "ref/counts.h"
#include "ref/functions.h"
#include "ref/object.h"
#include "ref/tell.h"
#include "ref/tracer.h"

static PyObject *
new_tracing(PyTypeObject *type, bool logs)
{
	struct reference_object *object =
		(struct reference_object *)type->tp_alloc(type, 0);

	if (object == NULL)
		return NULL;
	object->logs = logs;
	object->options.gc_generation = 2;
	return (PyObject *)object;
}

static void
tracing_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	/* The stack holds a reference to who is on it: this one is not. */
	ref_session_fini(&object_of(self)->session);
	ref_options_fini(&object_of(self)->options);
	Py_CLEAR(object_of(self)->collect);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *
tracing_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	(void)args;
	(void)kwargs;
	return new_tracing(type, true);
}

static int
tracing_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
	struct ref_options options = { 0 };

	ONE_AT_A_TIME;
	if (ref_options_init(&options, args, kwargs) < 0) {
		ref_options_fini(&options);
		return -1;
	}
	if (object_of(self)->entered) {
		PyErr_SetString(PyExc_RuntimeError,
				"cannot initialise what is tracing");
		ref_options_fini(&options);
		return -1;
	}
	ref_options_fini(&object_of(self)->options);
	object_of(self)->options = options;
	return 0;
}

static PyObject *
simple_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = { NULL };

	if (!PyArg_ParseTupleAndKeywords(args, kwargs,
					 ":ReferenceTracingSimple", names))
		return NULL;
	return new_tracing(type, false);
}

static PyObject *
tracing_count_new(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromUnsignedLongLong(ref_object_counts(self).created);
}

static PyObject *
tracing_count_del(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromUnsignedLongLong(ref_object_counts(self).destroyed);
}

static PyObject *
tracing_rows_left_out(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromUnsignedLongLong(
		object_of(self)->session.log.file.left_out);
}

static PyObject *
tracing_live_count(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromLongLong(ref_object_counts(self).live);
}

static PyObject *
tracing_live_object_counts(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	return ref_live_object_counts(&object_of(self)->session);
}

static PyObject *
tracing_log_file_path(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	return ref_object_path(object_of(self));
}

static PyObject *
tracing_write_message(PyObject *self, PyObject *message)
{
	struct reference_object *object = object_of(self);

	ONE_AT_A_TIME;
	if (!object->entered) {
		PyErr_SetString(PyExc_OSError, object->used
				? "Log file is closed."
				: "Log file is not open yet.");
		return NULL;
	}
	return ref_write_message(&object->session, message);
}

static PyObject *
tracing_collect(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	if (!ref_block_check(object_of(self), "_collect"))
		return NULL;
	ref_block_collect(object_of(self));
	Py_RETURN_NONE;
}

static PyObject *
tracing_note_atexit(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	if (!ref_block_check(object_of(self), "_note_atexit"))
		return NULL;
	ref_block_before_atexit(object_of(self));
	Py_RETURN_NONE;
}

static PyObject *
tracing_ignore_thread(PyObject *self, PyObject *arg)
{
	int on = PyObject_IsTrue(arg);

	if (on < 0 || !ref_block_check(object_of(self), "_ignore_thread"))
		return NULL;
	return PyBool_FromLong(reftracer_ignore(on));
}

static PyObject *
tracing_write_summary(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct ref_session *session = &object_of(self)->session;
	int err;

	ONE_AT_A_TIME;
	if (!ref_block_check(object_of(self), "write_summary"))
		return NULL;
	if (session->options->log.encoding != PMT_ENCODING_SUMMARY) {
		PyErr_SetString(PyExc_RuntimeError, "write_summary(): this "
				"tracing writes a log, see its format");
		return NULL;
	}
	reftracer_measure(session);
	events_lock();
	err = ref_session_flush(session);
	events_unlock();
	if (err < 0) {
		set_os_error(err, session->log.file.path);
		return NULL;
	}
	Py_RETURN_NONE;
}

/* What an object is doing, for its repr(). */
static const char *
state_of(const struct reference_object *object)
{
	if (!object->entered)
		return object->used ? "ended" : "new";
	if (object->session.suspended)
		return "suspended";
	return reftracer_top(object->logs) == &object->session ? "tracing"
							       : "detached";
}

static PyObject *
tracing_repr(PyObject *self)
{
	struct reference_object *object = object_of(self);
	struct ref_counts counts = ref_object_counts(self);
	PyObject *path, *repr;

	ONE_AT_A_TIME;
	if (!object->logs || object->session.log.file.path == NULL)
		return PyUnicode_FromFormat(
			"<%s %s, %llu created, %llu destroyed>",
			Py_TYPE(self)->tp_name, state_of(object),
			(unsigned long long)counts.created,
			(unsigned long long)counts.destroyed);
	path = PyUnicode_DecodeFSDefault(object->session.log.file.path);
	if (path == NULL)
		return NULL;
	repr = PyUnicode_FromFormat(
		"<%s %s, %llu created, %llu destroyed, %lld live, log %R>",
		Py_TYPE(self)->tp_name, state_of(object),
		(unsigned long long)counts.created,
		(unsigned long long)counts.destroyed,
		(long long)counts.live, path);
	Py_DECREF(path);
	return repr;
}

PyDoc_STRVAR(enter_doc, "Begin to trace; returns self.");
PyDoc_STRVAR(exit_doc,
"End tracing and close the log.  Raises OSError if rows could not be written\n"
"and the block raised nothing.");
PyDoc_STRVAR(ask_after_doc,
"_ask_after(events, callable)\n\n"
"Have the main thread call it, once, unseen, after so many events.");
PyDoc_STRVAR(suspend_doc,
"suspend()\n\n"
"Log nothing until resume().  RuntimeError if already suspended, outside of\n"
"the with block, or while an inner one is tracing.");
PyDoc_STRVAR(resume_doc, "resume()\n\nGo on after suspend().");
PyDoc_STRVAR(count_new_doc, "count_new() -> int\n\nObjects created so far.");
PyDoc_STRVAR(count_del_doc, "count_del() -> int\n\nObjects destroyed so far.");
PyDoc_STRVAR(live_count_doc,
"live_count() -> int\n\n"
"Objects created under this tracing that still live.");
PyDoc_STRVAR(live_object_counts_doc,
"live_object_counts() -> dict\n\n"
"Type name -> number of objects created under this tracing that still live.");
PyDoc_STRVAR(rows_left_out_doc,
"rows_left_out() -> int\n\n"
"Rows that max_size left out, once the log has ended.");
PyDoc_STRVAR(log_file_path_doc,
"log_file_path() -> str | None\n\nAbsolute path of this object's log.");
PyDoc_STRVAR(ignore_thread_doc,
"_ignore_thread(on: bool) -> bool: what it was\n\n"
"What this thread makes or destroys is not the program's, or is again; of\n"
"one thread at a time: for pmt-run.");
PyDoc_STRVAR(note_atexit_doc,
"_note_atexit()\n\n"
"What the program has atexit comes next: for pmt-run.");
PyDoc_STRVAR(collect_doc,
"_collect()\n\n"
"The program has ended: note that, and collect garbage, as __exit__() then\n"
"does not: for pmt-run.");
PyDoc_STRVAR(tell_doc,
"_tell() -> list\n\n"
"End counting; what the books come to, with format='books': for pmt-run.");
PyDoc_STRVAR(write_summary_doc,
"write_summary()\n\n"
"Write the summary as it is now, with format='summary'.  RuntimeError outside\n"
"of the with block or with another format, OSError when it cannot be written.");
PyDoc_STRVAR(write_message_doc,
"write_message_to_log(message)\n\n"
"Add a MSG row.  TypeError for what is not a str, OSError outside of the with\n"
"block.");

static PyMethodDef tracing_methods[] = {
	{ "__enter__", ref_block_enter, METH_NOARGS, enter_doc },
	{ "__exit__", ref_block_exit, METH_VARARGS, exit_doc },
	{ "suspend", ref_block_suspend, METH_NOARGS, suspend_doc },
	{ "resume", ref_block_resume, METH_NOARGS, resume_doc },
	{ "count_new", tracing_count_new, METH_NOARGS, count_new_doc },
	{ "count_del", tracing_count_del, METH_NOARGS, count_del_doc },
	{ "live_count", tracing_live_count, METH_NOARGS, live_count_doc },
	{ "live_object_counts", tracing_live_object_counts, METH_NOARGS,
	  live_object_counts_doc },
	{ "rows_left_out", tracing_rows_left_out, METH_NOARGS,
	  rows_left_out_doc },
	{ "log_file_path", tracing_log_file_path, METH_NOARGS,
	  log_file_path_doc },
	{ "write_message_to_log", tracing_write_message, METH_O,
	  write_message_doc },
	{ "_ask_after", (PyCFunction)(void (*)(void))ref_ask_after,
	  METH_FASTCALL, ask_after_doc },
	{ "_ignore_thread", tracing_ignore_thread, METH_O,
	  ignore_thread_doc },
	{ "_collect", tracing_collect, METH_NOARGS, collect_doc },
	{ "_note_atexit", tracing_note_atexit, METH_NOARGS, note_atexit_doc },
	{ "_tell", ref_tell, METH_NOARGS, tell_doc },
	{ "write_summary", tracing_write_summary, METH_NOARGS,
	  write_summary_doc },
	{ NULL, NULL, 0, NULL },
};

static PyMethodDef simple_methods[] = {
	{ "__enter__", ref_block_enter, METH_NOARGS, enter_doc },
	{ "__exit__", ref_block_exit, METH_VARARGS, exit_doc },
	{ "suspend", ref_block_suspend, METH_NOARGS, suspend_doc },
	{ "resume", ref_block_resume, METH_NOARGS, resume_doc },
	{ "count_new", tracing_count_new, METH_NOARGS, count_new_doc },
	{ "count_del", tracing_count_del, METH_NOARGS, count_del_doc },
	{ NULL, NULL, 0, NULL },
};

PyDoc_STRVAR(tracing_doc,
"ReferenceTracing(message=None, filepath=None, include_builtins=False,\n"
"                 exclude_tp_names=None, include_tp_names=None,\n"
"                 gc_collect_on_exit=2, *, type_names='tp_name', columns=(),\n"
"                 format=None, max_size=-1, ring=-1, interval=None,\n"
"                 memory=False, mode=-1, stack=False, sample=1)\n"
"\n"
"Context manager that logs every object created and destroyed in the block.\n"
"\n"
"message: str put before the log.  filepath: of the log; a directory for a\n"
"generated name in it; None for one in the working directory.\n"
"include_builtins: also objects of CPython's common types.\n"
"exclude_tp_names, include_tp_names: iterables of type names or shell\n"
"patterns; exclude wins.  gc_collect_on_exit: generation to collect at the\n"
"end, -1 for none.  type_names: 'qualified' logs module.qualname.  columns:\n"
"any of 'Thread', 'Wall' (s since the epoch), 'Size' (bytes at creation).\n"
"format: 'text' or 'compact'; by default compact if filepath ends in .pmt;\n"
"'summary': no log, but a report of what leaks, written at the end, by\n"
"write_summary() and every interval seconds.\n"
"max_size: bytes after which rows are left out and counted; ring: bytes of\n"
"which the last are kept, the older half in filepath.older.  memory: note\n"
"where the memory of the process is, at the start, the end and whenever it\n"
"has grown by a tenth; a summary always does.  mode: permissions of the log,\n"
"-1 for 0o600.  stack: True or how many of the callers each row tells, who\n"
"made the object.  sample: log 1 in so many objects.");

PyDoc_STRVAR(simple_doc,
"ReferenceTracingSimple()\n\n"
"Context manager that only counts the objects created and destroyed in the\n"
"block, of all types.");

static PyType_Slot tracing_slots[] = {
	{ Py_tp_doc, (void *)tracing_doc },
	{ Py_tp_new, tracing_new },
	{ Py_tp_init, tracing_init },
	{ Py_tp_dealloc, tracing_dealloc },
	{ Py_tp_repr, tracing_repr },
	{ Py_tp_methods, tracing_methods },
	{ 0, NULL },
};

static PyType_Slot simple_slots[] = {
	{ Py_tp_doc, (void *)simple_doc },
	{ Py_tp_new, simple_new },
	{ Py_tp_dealloc, tracing_dealloc },
	{ Py_tp_repr, tracing_repr },
	{ Py_tp_methods, simple_methods },
	{ 0, NULL },
};

static PyType_Spec tracing_spec = {
	.name = "pmt.ReferenceTracing",
	.basicsize = sizeof(struct reference_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = tracing_slots,
};

static PyType_Spec simple_spec = {
	.name = "pmt.ReferenceTracingSimple",
	.basicsize = sizeof(struct reference_object),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
	.slots = simple_slots,
};

int
reference_tracing_exec(PyObject *module)
{
	if (location_init() < 0 || add_type(module, &tracing_spec) < 0 ||
	    add_type(module, &simple_spec) < 0)
		return -1;
	return PyModule_AddFunctions(module, ref_functions);
}
