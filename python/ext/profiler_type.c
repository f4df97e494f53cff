/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "pmtmodule.h"

#include <stdlib.h>
#include <string.h>

#include "logoptions.h"
#include "profiler.h"

/* The types Profile and Trace: what Python sees of profiler.h. */

static struct profiler *
profiler_from(PyObject *self)
{
	return (struct profiler *)self;
}

static void
options_fini(struct profiler_options *options)
{
	log_options_fini(&options->log);
	patterns_fini(&options->include_files);
	patterns_fini(&options->exclude_files);
	patterns_fini(&options->include_functions);
	memset(options, 0, sizeof(*options));
}

static int
parse_trigger(PyObject *number, int64_t *trigger)
{
	int overflow = 0;

	if (number == NULL) {
		*trigger = -1;
		return 0;
	}
	if (!PyLong_Check(number)) {
		PyErr_Format(PyExc_TypeError,
			     "d_rss_trigger must be an int, not %.200s",
			     Py_TYPE(number)->tp_name);
		return -1;
	}
	*trigger = PyLong_AsLongLongAndOverflow(number, &overflow);
	/* Every number below 0 means the same. */
	if (overflow > 0) {
		PyErr_SetString(PyExc_OverflowError,
				"d_rss_trigger must be less than 2**63 bytes");
		return -1;
	}
	return 0;
}

/* The index of TEXT in NAMES, which ends with NULL; -1 with ValueError. */
static int
parse_choice(const char *argument, const char *text, const char *const *names)
{
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(text, names[i]) == 0)
			return i;
	}
	PyErr_Format(PyExc_ValueError, "%s must not be \"%s\"; one of the "
		     "words that help(%s) lists", argument, text, argument);
	return -1;
}

static int
parse_words(struct profiler_options *options, const char *rss,
	    const char *threads, const char *engine)
{
	static const char *const thread_names[] = { "current", "all", NULL };
	static const char *const engine_names[] = {
		[PROFILER_AUTO] = "auto",
		[PROFILER_MONITORING] = "monitoring",
		[PROFILER_LEGACY] = "legacy",
		NULL,
	};
	int choice;

	if (pmt_rss_mode_parse(rss, &options->rss) < 0) {
		PyErr_Format(PyExc_ValueError, "rss must be \"auto\", \"gap\", "
			     "\"ring\" or \"every\", not \"%s\"", rss);
		return -1;
	}
	choice = parse_choice("threads", threads, thread_names);
	if (choice < 0)
		return -1;
	options->all_threads = choice == 1;
	choice = parse_choice("engine", engine, engine_names);
	if (choice < 0)
		return -1;
	options->engine = (enum profiler_engine)choice;
	return 0;
}

static int
parse_options(struct profiler_options *options, enum profiler_kind kind,
	      PyObject *args, PyObject *kwargs)
{
	static const char *const names[] = {
		"d_rss_trigger", "message", "filepath", "rss", "threads",
		"include_files", "exclude_files", "include_functions",
		"engine", "format", "max_size", "ring", "opcodes", NULL,
	};
	/* Profile has no opcodes. */
	static const char *const formats[PROFILER_KINDS] = {
		[PROFILER_PROFILE] = "|OzO$ssOOOszLL:Profile",
		[PROFILER_TRACE] = "|OzO$ssOOOszLLp:Trace",
	};
	const char *keywords[PMT_ARRAY_SIZE(names)];
	const char *rss = "auto", *threads = "current", *engine = "auto";
	PyObject *trigger = NULL, *include_files = NULL;
	PyObject *exclude_files = NULL, *include_functions = NULL;
	struct log_arguments log = LOG_ARGUMENTS;
	int opcodes = 0;

	memcpy(keywords, names, sizeof(names));
	if (kind == PROFILER_PROFILE)
		keywords[PMT_ARRAY_SIZE(names) - 2] = NULL;
	if (!PyArg_ParseTupleAndKeywords(args, kwargs, formats[kind],
			(char **)(uintptr_t)keywords, &trigger, &log.message,
			&log.filepath, &rss, &threads, &include_files,
			&exclude_files, &include_functions, &engine,
			&log.format, &log.max_size, &log.ring, &opcodes))
		return -1;
	options->opcodes = opcodes;
	if (log_options_init(&options->log, &log) < 0)
		return -1;
	if (options->log.encoding == PMT_ENCODING_SUMMARY) {
		PyErr_Format(PyExc_ValueError, "format=\"summary\" is of "
			     "ReferenceTracing, not of %s",
			     profiler_kind_name(kind));
		return -1;
	}
	if (parse_trigger(trigger, &options->d_rss_trigger) < 0 ||
	    parse_words(options, rss, threads, engine) < 0 ||
	    patterns_init(&options->include_files, include_files,
			  "include_files") < 0 ||
	    patterns_init(&options->exclude_files, exclude_files,
			  "exclude_files") < 0 ||
	    patterns_init(&options->include_functions, include_functions,
			  "include_functions") < 0)
		return -1;
	return 0;
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
	return profiler->entered || profiler->sampler != NULL;
}

static int
profiler_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
	struct profiler *profiler = profiler_from(self);
	struct profiler_options options = { 0 };

	ONE_AT_A_TIME;
	if (parse_options(&options, profiler->kind, args, kwargs) < 0) {
		options_fini(&options);
		return -1;
	}
	if (is_busy(profiler)) {
		PyErr_Format(PyExc_RuntimeError, "this %s is already running",
			     profiler_kind_name(profiler->kind));
		options_fini(&options);
		return -1;
	}
	options_fini(&profiler->options);
	profiler->options = options;
	return 0;
}

static void
profiler_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	/* The list of blocks holds a reference to who is on it. */
	pmt_logfile_fini(&profiler_from(self)->file);
	options_fini(&profiler_from(self)->options);
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
	static bool registered;
	int err;

	ONE_AT_A_TIME;
	if (call_at_exit(&end_all_method, &registered) < 0)
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
write_message(struct profiler *profiler, const char *method, PyObject *message)
{
	size_t size;
	char *text;
	bool written;

	text = message_text(message, method, &size);
	if (text == NULL)
		return NULL;
	written = profiler_message(profiler, text, size);
	free(text);
	if (written)
		Py_RETURN_NONE;
	PyErr_SetString(PyExc_OSError, profiler->file.path != NULL
			? "Log file is closed." : "Log file is not open yet.");
	return NULL;
}

static PyObject *
method_write_message(PyObject *self, PyObject *message)
{
	ONE_AT_A_TIME;
	return write_message(profiler_from(self), "write_message_to_log",
			     message);
}

static PyObject *
method_write(PyObject *self, PyObject *message)
{
	ONE_AT_A_TIME;
	return write_message(profiler_from(self), "write_to_log", message);
}

static PyObject *
path_of(struct profiler *profiler)
{
	if (profiler->entered)
		profiler_open_inherited(profiler);
	if (profiler->file.path != NULL)
		return PyUnicode_DecodeFSDefault(profiler->file.path);
	if (profiler->options.log.filepath != NULL)
		return PyUnicode_DecodeFSDefault(
			profiler->options.log.filepath);
	Py_RETURN_NONE;
}

static PyObject *
method_log_file_path(PyObject *self, PyObject *Py_UNUSED(args))
{
	ONE_AT_A_TIME;
	return path_of(profiler_from(self));
}

static uint64_t
read_number(const uint64_t *number)
{
	uint64_t value;

	events_lock_without_gil();
	value = *number;
	events_unlock_without_gil();
	return value;
}

static PyObject *
method_event_count(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromUnsignedLongLong(
		read_number(&profiler_from(self)->trigger.event));
}

static PyObject *
method_rss_growth(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct profiler *profiler = profiler_from(self);
	uint64_t rss;

	ONE_AT_A_TIME;
	rss = read_number(profiler->entered ? &profiler->sampler->rss
					    : &profiler->last_rss);
	return PyLong_FromLongLong((int64_t)(rss - profiler->first_rss));
}

static PyObject *
method_rows_left_out(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromUnsignedLongLong(profiler_from(self)->file.left_out);
}

static PyObject *
method_statm_reads(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct profiler *profiler = profiler_from(self);

	ONE_AT_A_TIME;
	return PyLong_FromUnsignedLongLong(
		read_number(profiler->entered ? &profiler->sampler->reads
					      : &profiler->reads));
}

static PyObject *
profiler_repr(PyObject *self)
{
	struct profiler *profiler = profiler_from(self);
	PyObject *path, *repr;

	ONE_AT_A_TIME;
	path = path_of(profiler);
	if (path == NULL)
		return NULL;
	repr = PyUnicode_FromFormat("<%s %s, %llu events, log %R>",
		Py_TYPE(self)->tp_name,
		profiler->entered ? "running" : "not running",
		(unsigned long long)read_number(&profiler->trigger.event),
		path);
	Py_DECREF(path);
	return repr;
}

/* The inner object of pymemtrace: another view of the same profiler. */
struct wrapper {
	PyObject_HEAD
	struct profiler *profiler;	/* strong */
};

static void
wrapper_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_DECREF(((struct wrapper *)self)->profiler);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *
wrapper_write_message(PyObject *self, PyObject *message)
{
	return method_write_message(
		(PyObject *)((struct wrapper *)self)->profiler, message);
}

static PyObject *
wrapper_write(PyObject *self, PyObject *message)
{
	return method_write((PyObject *)((struct wrapper *)self)->profiler,
			    message);
}

static PyObject *
wrapper_log_file_path(PyObject *self, void *Py_UNUSED(closure))
{
	ONE_AT_A_TIME;
	return path_of(((struct wrapper *)self)->profiler);
}

#define WRAPPER_NUMBER(name, field) \
	static PyObject * \
	wrapper_##name(PyObject *self, void *Py_UNUSED(closure)) \
	{ \
		return PyLong_FromUnsignedLongLong(read_number( \
			&((struct wrapper *)self)->profiler->trigger.field)); \
	}

WRAPPER_NUMBER(event_number, event)
WRAPPER_NUMBER(previous_event_number, row_event)
WRAPPER_NUMBER(rss, row_rss)
WRAPPER_NUMBER(d_rss_trigger, step)

static PyMethodDef wrapper_methods[] = {
	{ "write_message_to_log", wrapper_write_message, METH_O,
	  "Add a MSG row." },
	{ "write_to_log", wrapper_write, METH_O, "Add a MSG row." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef wrapper_attributes[] = {
	{ "log_file_path", wrapper_log_file_path, NULL,
	  "Path of the log.", NULL },
	{ "event_number", wrapper_event_number, NULL,
	  "Number of the latest event.", NULL },
	{ "previous_event_number", wrapper_previous_event_number, NULL,
	  "Number of the last event that has a row.", NULL },
	{ "rss", wrapper_rss, NULL,
	  "RSS in the last row, in bytes.", NULL },
	{ "d_rss_trigger", wrapper_d_rss_trigger, NULL,
	  "Change of RSS, in bytes, that makes a row.", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

PyDoc_STRVAR(wrapper_doc, "The log of a Profile or Trace.");

static PyType_Slot wrapper_slots[] = {
	{ Py_tp_doc, (void *)wrapper_doc },
	{ Py_tp_dealloc, wrapper_dealloc },
	{ Py_tp_methods, wrapper_methods },
	{ Py_tp_getset, wrapper_attributes },
	{ 0, NULL },
};

static PyType_Spec wrapper_spec = {
	.name = "pmt._pmt.TraceFileWrapper",
	.basicsize = sizeof(struct wrapper),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = wrapper_slots,
};

static PyTypeObject *wrapper_type;	/* constant once the module is there */

static PyObject *
get_wrapper(PyObject *self, void *Py_UNUSED(closure))
{
	struct profiler *profiler = profiler_from(self);
	struct wrapper *wrapper;

	ONE_AT_A_TIME;
	if (profiler->file.path == NULL)
		Py_RETURN_NONE;
	wrapper = (struct wrapper *)wrapper_type->tp_alloc(wrapper_type, 0);
	if (wrapper == NULL)
		return NULL;
	Py_INCREF(profiler);
	wrapper->profiler = profiler;
	return (PyObject *)wrapper;
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
	  "write_to_log(message)\n\nThe same as write_message_to_log()." },
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
"which the last are kept, the older half in filepath.older."

PyDoc_STRVAR(profile_doc,
"Profile(d_rss_trigger=-1, message=None, filepath=None, *, rss='auto',\n"
"        threads='current', include_files=None, exclude_files=None,\n"
"        include_functions=None, engine='auto', format=None,\n"
"        max_size=-1, ring=-1)\n"
"\n"
"Context manager that logs calls and returns of Python and C functions at\n"
"which the memory of the process changes.\n"
"\n" COMMON_DOC);

PyDoc_STRVAR(trace_doc,
"Trace(d_rss_trigger=-1, message=None, filepath=None, *, rss='auto',\n"
"      threads='current', include_files=None, exclude_files=None,\n"
"      include_functions=None, engine='auto', format=None,\n"
"      max_size=-1, ring=-1, opcodes=False)\n"
"\n"
"Context manager that logs lines, calls, returns and exceptions of Python\n"
"code at which the memory of the process changes.\n"
"\n" COMMON_DOC
"  opcodes: log\neach instruction too.");

#define PROFILER_SLOTS(doc, new) { \
	{ Py_tp_doc, (void *)doc }, \
	{ Py_tp_new, new }, \
	{ Py_tp_init, profiler_init }, \
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
	return path_of(profiler);
}

/* pymemtrace's own words, which programs may compare with. */
static PyObject *
innermost_message(enum profiler_kind kind, PyObject *message)
{
	struct profiler *profiler;

	ONE_AT_A_TIME;
	profiler = innermost(kind);
	if (profiler != NULL)
		return write_message(profiler, "write_message_to_log",
				     message);
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

static PyMethodDef functions[] = {
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

int
profiler_exec(PyObject *module)
{
	if (location_init() < 0)
		return -1;
	if (wrapper_type == NULL)
		wrapper_type = (PyTypeObject *)PyType_FromSpec(&wrapper_spec);
	if (wrapper_type == NULL ||
	    add_type(module, &profile_spec) < 0 ||
	    add_type(module, &trace_spec) < 0)
		return -1;
	return PyModule_AddFunctions(module, functions);
}
