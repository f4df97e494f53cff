/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/legacy.h"

#include <string.h>

#include "module/threads.h"
#include "profile/rows.h"

/*
 * Each thread has one place for a profile function and one for a trace
 * function.  The function that is there (of a debugger, a coverage tool,
 * cProfile) goes on getting its events from us, and its place back at the end.
 */
static int on_event(PyObject *self, PyFrameObject *frame, int what,
		    PyObject *arg);

static const enum pmt_what whats[] = {
	[PyTrace_CALL] = PMT_WHAT_CALL,
	[PyTrace_EXCEPTION] = PMT_WHAT_EXCEPT,
	[PyTrace_LINE] = PMT_WHAT_LINE,
	[PyTrace_RETURN] = PMT_WHAT_RETURN,
	[PyTrace_C_CALL] = PMT_WHAT_C_CALL,
	[PyTrace_C_EXCEPTION] = PMT_WHAT_C_EXCEPT,
	[PyTrace_C_RETURN] = PMT_WHAT_C_RETURN,
	[PyTrace_OPCODE] = PMT_WHAT_OPCODE,
};

static void
set_function(PyThreadState *tstate, enum profiler_kind kind,
	     Py_tracefunc function, PyObject *object)
{
	PyObject *type, *value, *traceback;

	/* Audit hooks may object; there is no way to tell. */
	PyErr_Fetch(&type, &value, &traceback);
	if (kind == PROFILER_PROFILE)
		compat_set_profile(tstate, function, object);
	else
		compat_set_trace(tstate, function, object);
	PyErr_Restore(type, value, traceback);
}

/* Who is in the place; the object is borrowed. */
static Py_tracefunc
get_function(PyThreadState *tstate, enum profiler_kind kind, PyObject **object)
{
	*object = kind == PROFILER_PROFILE ? tstate->c_profileobj
					   : tstate->c_traceobj;
	return kind == PROFILER_PROFILE ? tstate->c_profilefunc
					: tstate->c_tracefunc;
}

/* The block that gets TSTATE's events by this engine, from TOP on. */
static struct profiler *
legacy_profiler_of(struct profiler *top, uint64_t thread)
{
	struct profiler *profiler = profiler_of(top, thread);

	while (profiler != NULL && profiler->engine != PROFILER_LEGACY)
		profiler = profiler_of(profiler->below, thread);
	return profiler;
}

/* Only frames that are told to send events for instructions do. */
static void
ask_for_opcodes(PyFrameObject *frame)
{
	PyObject *type, *value, *traceback;

	PyErr_Fetch(&type, &value, &traceback);
	(void)PyObject_SetAttrString((PyObject *)frame, "f_trace_opcodes",
				     Py_True);
	PyErr_Restore(type, value, traceback);
}

static void
log_event(struct profiler *profiler, PyThreadState *tstate,
	  PyFrameObject *frame, int what, PyObject *arg)
{
	const char *callee = NULL;
	PyCodeObject *code;
	int line = 0;

	if (what == PyTrace_C_CALL || what == PyTrace_C_RETURN ||
	    what == PyTrace_C_EXCEPTION) {
		if (arg == NULL || !PyCFunction_Check(arg))
			return;
		callee = ((PyCFunctionObject *)arg)->m_ml->ml_name;
	}
	if (what == PyTrace_LINE)
		line = PyFrame_GetLineNumber(frame);
	code = compat_frame_object_code(frame);
	events_lock_without_gil();
	if (!COMPAT_FREE_THREADED || profiler->entered)
		profiler_event(profiler, tstate, whats[what], code,
			       compat_frame_object_offset(frame), line,
			       callee);
	events_unlock_without_gil();
	if (what == PyTrace_CALL && profiler->options.opcodes)
		ask_for_opcodes(frame);
}

/* The function that the thread had before us, and a reference to its object. */
static Py_tracefunc
get_found(struct profiler *profiler, PyObject **object)
{
	Py_tracefunc found;

	events_lock_without_gil();
	found = profiler->found;
	*object = profiler->found_object;
	Py_XINCREF(*object);
	events_unlock_without_gil();
	return found;
}

static void
forget_found(struct profiler *profiler)
{
	PyObject *object;

	events_lock_without_gil();
	object = profiler->found_object;
	profiler->found = NULL;
	profiler->found_object = NULL;
	events_unlock_without_gil();
	Py_XDECREF(object);
}

/*
 * The other tool's function may fail, and then gives up its place, which is
 * ours: the exception is the program's, and we stay.
 */
static int
call_found(struct profiler *profiler, PyThreadState *tstate,
	   PyFrameObject *frame, int what, PyObject *arg)
{
	PyObject *object;
	Py_tracefunc found = get_found(profiler, &object);
	int err = found == NULL ? 0 : found(object, frame, what, arg);

	Py_XDECREF(object);
	if (err < 0)
		forget_found(profiler);
	if (profiler->entered &&
	    get_function(tstate, profiler->kind, &object) == NULL)
		set_function(tstate, profiler->kind, on_event,
			     (PyObject *)profiler);
	return err;
}

static bool
is_of_kind(enum profiler_kind kind, int what)
{
	bool calls_c = what == PyTrace_C_CALL || what == PyTrace_C_RETURN ||
		       what == PyTrace_C_EXCEPTION;

	if (what == PyTrace_CALL || what == PyTrace_RETURN)
		return true;
	return (kind == PROFILER_PROFILE) == calls_c;
}

static int
on_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	struct profiler *profiler = (struct profiler *)self;
	PyThreadState *tstate = compat_thread_state();
	int err;

	/* Left by a block that ended in another thread. */
	if (!profiler->entered) {
		set_function(tstate, profiler->kind, NULL, NULL);
		return 0;
	}
	if (is_of_kind(profiler->kind, what))
		log_event(profiler, tstate, frame, what, arg);
	if (pmt_likely(atomic_load_explicit(&profiler->found,
					    memory_order_relaxed) == NULL) ||
	    tstate->id != profiler->thread)
		return 0;
	Py_INCREF(profiler);
	err = call_found(profiler, tstate, frame, what, arg);
	Py_DECREF(profiler);
	return err;
}

/* Keep the function that was there, before us or the block around us. */
static void
keep_found(struct profiler *profiler, Py_tracefunc found, PyObject *object)
{
	if (found == on_event) {
		struct profiler *outer = (struct profiler *)object;

		found = outer->found;
		object = outer->found_object;
	}
	profiler->found = found;
	profiler->found_object = object;
	Py_XINCREF(object);
}

/* The number of an event of sys.settrace() or sys.setprofile(), or -1. */
static int
event_by_name(const char *name)
{
	static const char *const names[] = {
		[PyTrace_CALL] = "call",
		[PyTrace_EXCEPTION] = "exception",
		[PyTrace_LINE] = "line",
		[PyTrace_RETURN] = "return",
		[PyTrace_C_CALL] = "c_call",
		[PyTrace_C_EXCEPTION] = "c_exception",
		[PyTrace_C_RETURN] = "c_return",
		[PyTrace_OPCODE] = "opcode",
	};

	for (int what = 0; what < (int)PMT_ARRAY_SIZE(names); what++) {
		if (strcmp(names[what], name) == 0)
			return what;
	}
	return -1;
}

/*
 * Whoever was given PROFILER by sys.gettrace() gave it back, or it is what
 * threading sets in a thread that has just begun: then we are called as a
 * function written in Python, and take the place as ourselves.  A tool that
 * hands its own events on to us keeps its place.
 */
PyObject *
profiler_legacy_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
	struct profiler *profiler = (struct profiler *)self;
	PyThreadState *tstate = compat_thread_state();
	PyObject *arg, *object;
	PyFrameObject *frame;
	const char *name;
	int what;

	(void)kwargs;
	if (!PyArg_ParseTuple(args, "O!sO", &PyFrame_Type, &frame, &name,
			      &arg))
		return NULL;
	(void)get_function(tstate, profiler->kind, &object);
	if (!profiler->entered || profiler->engine != PROFILER_LEGACY ||
	    profiler_of(profiler, tstate->id) != profiler) {
		if (object == self)
			set_function(tstate, profiler->kind, NULL, NULL);
		Py_RETURN_NONE;
	}
	if (object == self)
		set_function(tstate, profiler->kind, on_event, self);
	what = event_by_name(name);
	if (what >= 0 && on_event(self, frame, what, arg) < 0)
		return NULL;
	Py_INCREF(self);
	return self;
}

/* threading.setprofile() or settrace(), and the hook they set. */
static const struct {
	const char *set, *hook;
} threading_names[PROFILER_KINDS] = {
	[PROFILER_PROFILE] = { "setprofile", "_profile_hook" },
	[PROFILER_TRACE] = { "settrace", "_trace_hook" },
};

/* Replace FROM by TO; another tool's hook stays, and so do all errors here. */
static void
change_hook(enum profiler_kind kind, PyObject *from, PyObject *to)
{
	PyObject *threading = PyImport_ImportModule("threading");
	PyObject *hook = NULL, *none = NULL;

	if (threading != NULL)
		hook = PyObject_GetAttrString(threading,
					      threading_names[kind].hook);
	if (hook == from)
		none = PyObject_CallMethod(threading,
					   threading_names[kind].set, "O", to);
	Py_XDECREF(threading);
	Py_XDECREF(hook);
	Py_XDECREF(none);
	PyErr_Clear();
}

/*
 * Set our function in each of the other threads where that can be done.
 * Threads that another tool watches stay with that tool, and then false is
 * returned.
 */
static bool
attach_each(struct profiler *profiler, PyThreadState *self)
{
	PyThreadState *tstate = compat_first_thread(self);
	bool free = !compat_others_have_function(
		self, profiler->kind == PROFILER_PROFILE);
	PyObject *object;

	for (; tstate != NULL; tstate = compat_next_thread(tstate)) {
		if (tstate == self)
			continue;
		if (get_function(tstate, profiler->kind, &object) == NULL)
			set_function(tstate, profiler->kind, on_event,
				     (PyObject *)profiler);
		else
			free = false;
	}
	return free;
}

static void
attach_other_threads(struct profiler *profiler)
{
	if (attach_each(profiler, PyThreadState_Get()))
		compat_set_all_threads(profiler->kind == PROFILER_PROFILE,
				       on_event, (PyObject *)profiler);
	change_hook(profiler->kind, Py_None, (PyObject *)profiler);
}

int
profiler_legacy_attach(struct profiler *profiler)
{
	PyThreadState *tstate = compat_thread_state();
	Py_tracefunc found;
	PyObject *object;

	found = get_function(tstate, profiler->kind, &object);
	keep_found(profiler, found, object);
	set_function(tstate, profiler->kind, on_event, (PyObject *)profiler);
	/* An audit hook may have refused. */
	if (get_function(tstate, profiler->kind, &object) != on_event ||
	    object != (PyObject *)profiler) {
		forget_found(profiler);
		PyErr_Format(PyExc_RuntimeError,
			     "%s cannot start: an audit hook refuses",
			     profiler_kind_name(profiler->kind));
		return -1;
	}
	if (profiler->options.all_threads)
		attach_other_threads(profiler);
	return 0;
}

/* Hand the place in TSTATE to the block or function that it belongs to now. */
static bool
leave_thread(struct profiler *profiler, PyThreadState *tstate)
{
	enum profiler_kind kind = profiler->kind;
	struct profiler *next;
	PyObject *object;

	if (get_function(tstate, kind, &object) != on_event)
		return false;
	if (object != (PyObject *)profiler)
		return true;
	next = legacy_profiler_of(profiler_list[kind], tstate->id);
	if (next != NULL)
		set_function(tstate, kind, on_event, (PyObject *)next);
	else if (tstate->id != profiler->thread)
		set_function(tstate, kind, NULL, NULL);
	else
		set_function(tstate, kind, profiler->found,
			     profiler->found_object);
	return true;
}

/* Threads that we cannot look at leave at their next event. */
static bool
leave_threads(struct profiler *profiler)
{
	PyThreadState *tstate = compat_first_thread(PyThreadState_Get());
	bool ours = true;

	for (; tstate != NULL; tstate = compat_next_thread(tstate)) {
		if (tstate->id == profiler->thread)
			ours = leave_thread(profiler, tstate);
		else if (profiler->options.all_threads)
			leave_thread(profiler, tstate);
	}
	return ours;
}

bool
profiler_legacy_detach(struct profiler *profiler)
{
	bool ours = leave_threads(profiler);

	if (profiler->options.all_threads)
		change_hook(profiler->kind, (PyObject *)profiler, Py_None);
	forget_found(profiler);
	return ours;
}
