/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/monitoring.h"

#include "module/threads.h"
#include "profile/rows.h"

#if COMPAT_MONITORING

/*
 * PEP 669: sys.monitoring calls an object for each kind of event.  Ours are
 * made of C alone.  They answer DISABLE where an event will never be wanted,
 * and the interpreter then runs that instruction at full speed.
 */
struct listener {
	PyObject_HEAD
	vectorcallfunc call;
	enum profiler_kind kind;
	enum pmt_what what;
	bool local;		/* may answer DISABLE */
};

/* Which events a kind of block listens to, and what they are in its log. */
struct source {
	const char *event;	/* in sys.monitoring.events */
	enum pmt_what what;
	bool local;
	vectorcallfunc call;
	long bit;		/* as told by CPython; 0: not asked yet */
};

/* Of the interpreter; guarded by the switching lock. */
static struct {
	int tool;		/* our id, or -1 */
	_Atomic bool disabled;	/* we have answered DISABLE to some event */
} tools[PROFILER_KINDS] = {
	[PROFILER_PROFILE] = { .tool = -1 },
	[PROFILER_TRACE] = { .tool = -1 },
};

static PyObject *disable, *missing;	/* of sys.monitoring; strong */
static PyTypeObject *listener_type;

/* Anybody may call what sys.monitoring.register_callback() gives back. */
static bool
is_event(PyObject *const *args, size_t nargsf, Py_ssize_t least)
{
	if (pmt_likely(PyVectorcall_NARGS(nargsf) >= least &&
		       PyCode_Check(args[0]) && PyLong_Check(args[1])))
		return true;
	PyErr_SetString(PyExc_TypeError, "not an event of sys.monitoring");
	return false;
}

static inline struct profiler *
profiler_for(struct listener *listener, PyThreadState *tstate)
{
	struct profiler *profiler;

	profiler = profiler_of(profiler_list[listener->kind], tstate->id);
	return profiler != NULL && profiler->engine == PROFILER_MONITORING
		       ? profiler : NULL;
}

/*
 * Hand an event, as for profiler_event(), to the block that it is for.  The
 * answer is for all threads: DISABLE only if no other block could want it.
 */
static inline __attribute__((always_inline)) PyObject *
report(struct listener *listener, PyThreadState *tstate, PyObject *code,
       int offset, int line, const char *callee)
{
	struct profiler *profiler;
	bool wanted;

	events_lock_without_gil();
	profiler = profiler_for(listener, tstate);
	wanted = profiler == NULL ||
		 profiler_event(profiler, tstate, listener->what,
				(PyCodeObject *)code, offset, line, callee) ||
		 !listener->local ||
		 profiler_list[listener->kind]->below != NULL;
	if (pmt_unlikely(!wanted))
		tools[listener->kind].disabled = true;
	events_unlock_without_gil();
	if (pmt_likely(wanted))
		Py_RETURN_NONE;
	return Py_NewRef(disable);
}

/* code, offset, and what does not matter here */
static PyObject *
on_instruction(PyObject *self, PyObject *const *args, size_t nargsf,
	       PyObject *Py_UNUSED(names))
{
	if (!is_event(args, nargsf, 2))
		return NULL;
	return report((struct listener *)self, compat_thread_state(), args[0],
		      compat_int(args[1]), 0, NULL);
}

/*
 * code, offset, exception: the offset is of the code that raises again, the
 * frame knows where it was raised.
 */
static PyObject *
on_unwind(PyObject *self, PyObject *const *args, size_t nargsf,
	  PyObject *Py_UNUSED(names))
{
	PyThreadState *tstate = compat_thread_state();
	int offset = 0;

	if (!is_event(args, nargsf, 2))
		return NULL;
	if (compat_current_code(tstate, &offset) != (PyCodeObject *)args[0])
		offset = compat_int(args[1]);
	return report((struct listener *)self, tstate, args[0], offset, 0,
		      NULL);
}

/* code, line */
static PyObject *
on_line(PyObject *self, PyObject *const *args, size_t nargsf,
	PyObject *Py_UNUSED(names))
{
	if (!is_event(args, nargsf, 2))
		return NULL;
	return report((struct listener *)self, compat_thread_state(), args[0],
		      0, compat_int(args[1]), NULL);
}

/* Is this jump one to the same line or an earlier instruction of it? */
static bool
repeats_line(PyInterpreterState *interp, PyCodeObject *code, int from, int to,
	     int *line)
{
	struct pmt_place here, there;

	events_lock_without_gil();
	location_of(interp, code, from, &here);
	location_of(interp, code, to, &there);
	events_unlock_without_gil();
	*line = there.line;
	return to <= from && here.line == there.line;
}

/*
 * code, offset, destination: a loop that stays in one line runs that line
 * again, which LINE does not tell.
 */
static PyObject *
on_jump(PyObject *self, PyObject *const *args, size_t nargsf,
	PyObject *Py_UNUSED(names))
{
	struct listener *listener = (struct listener *)self;
	PyThreadState *tstate = compat_thread_state();
	int to, line;

	if (!is_event(args, nargsf, 3))
		return NULL;
	to = compat_int(args[2]);
	if (!repeats_line(tstate->interp, (PyCodeObject *)args[0],
			  compat_int(args[1]), to, &line)) {
		tools[listener->kind].disabled = true;
		return Py_NewRef(disable);
	}
	return report(listener, tstate, args[0], to, line, NULL);
}

/* The last part of "package.module.name". */
static const char *
last_part(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot == NULL ? name : dot + 1;
}

/*
 * The name of what is written in C, or NULL: calls of Python functions have
 * events of their own.  An unbound method without an argument fails before it
 * is called.
 */
static const char *
name_of_callable(PyObject *callable, PyObject *argument)
{
	if (PyCFunction_Check(callable))
		return ((PyCFunctionObject *)callable)->m_ml->ml_name;
	if (Py_IS_TYPE(callable, &PyMethodDescr_Type) && argument != missing)
		return ((PyMethodDescrObject *)callable)->d_method->ml_name;
	if (PyType_Check(callable))
		return last_part(((PyTypeObject *)callable)->tp_name);
	return NULL;
}

/* code, offset, callable, argument */
static PyObject *
on_call(PyObject *self, PyObject *const *args, size_t nargsf,
	PyObject *Py_UNUSED(names))
{
	const char *name;

	if (!is_event(args, nargsf, 4))
		return NULL;
	name = name_of_callable(args[2], args[3]);
	if (name == NULL)
		Py_RETURN_NONE;
	return report((struct listener *)self, compat_thread_state(), args[0],
		      compat_int(args[1]), 0, name);
}

/* Guarded by the switching lock, for the bits. */
static struct source profile_sources[] = {
	{ "PY_START", PMT_WHAT_CALL, true, on_instruction },
	{ "PY_RESUME", PMT_WHAT_CALL, true, on_instruction },
	{ "PY_THROW", PMT_WHAT_CALL, false, on_instruction },
	{ "PY_RETURN", PMT_WHAT_RETURN, true, on_instruction },
	{ "PY_YIELD", PMT_WHAT_RETURN, true, on_instruction },
	{ "PY_UNWIND", PMT_WHAT_RETURN, false, on_unwind },
	{ "CALL", PMT_WHAT_C_CALL, true, on_call },
	{ "C_RETURN", PMT_WHAT_C_RETURN, false, on_call },
	{ "C_RAISE", PMT_WHAT_C_EXCEPT, false, on_call },
	{ 0 },
};

static struct source trace_sources[] = {
	{ "PY_START", PMT_WHAT_CALL, true, on_instruction },
	{ "PY_RESUME", PMT_WHAT_CALL, true, on_instruction },
	{ "PY_THROW", PMT_WHAT_CALL, false, on_instruction },
	{ "PY_RETURN", PMT_WHAT_RETURN, true, on_instruction },
	{ "PY_YIELD", PMT_WHAT_RETURN, true, on_instruction },
	{ "PY_UNWIND", PMT_WHAT_RETURN, false, on_unwind },
	{ "RAISE", PMT_WHAT_EXCEPT, false, on_instruction },
	{ "STOP_ITERATION", PMT_WHAT_EXCEPT, true, on_instruction },
	{ "LINE", PMT_WHAT_LINE, true, on_line },
	{ "JUMP", PMT_WHAT_LINE, true, on_jump },
	{ "INSTRUCTION", PMT_WHAT_OPCODE, true, on_instruction },
	{ 0 },
};

static struct source *const sources[PROFILER_KINDS] = {
	[PROFILER_PROFILE] = profile_sources,
	[PROFILER_TRACE] = trace_sources,
};

static void
listener_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	type->tp_free(self);
	Py_DECREF(type);
}

static PyMemberDef listener_members[] = {
	{ "__vectorcalloffset__", Py_T_PYSSIZET,
	  offsetof(struct listener, call), Py_READONLY, NULL },
	{ NULL, 0, 0, 0, NULL },
};

static PyType_Slot listener_slots[] = {
	{ Py_tp_dealloc, listener_dealloc },
	{ Py_tp_call, PyVectorcall_Call },
	{ Py_tp_members, listener_members },
	{ 0, NULL },
};

static PyType_Spec listener_spec = {
	.name = "pmt._pmt.listener",
	.basicsize = sizeof(struct listener),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL |
		 Py_TPFLAGS_DISALLOW_INSTANTIATION |
		 Py_TPFLAGS_IMMUTABLETYPE,
	.slots = listener_slots,
};

/* sys.monitoring; borrowed */
static PyObject *
get_monitoring(void)
{
	PyObject *monitoring = PySys_GetObject("monitoring");

	if (monitoring == NULL)
		PyErr_SetString(PyExc_RuntimeError,
				"sys.monitoring is missing");
	return monitoring;
}

/* The first attach in a process. */
static int
prepare(PyObject *monitoring)
{
	if (listener_type != NULL)
		return 0;
	disable = PyObject_GetAttrString(monitoring, "DISABLE");
	missing = PyObject_GetAttrString(monitoring, "MISSING");
	if (disable == NULL || missing == NULL)
		return -1;
	listener_type = (PyTypeObject *)PyType_FromSpec(&listener_spec);
	return listener_type == NULL ? -1 : 0;
}

/*
 * sys.monitoring names ids for debuggers (0), coverage tools (1), profilers
 * (2) and optimizers (5): cProfile fails if it cannot have its own.  Tools
 * that need more take 3 and 4; an optimizer written in Python is yet to come.
 */
static int
take_tool_id(PyObject *monitoring, enum profiler_kind kind)
{
	static const int ids[] = { 5, 4, 3, 1, 0, 2 };
	char name[32];
	PyObject *none;

	snprintf(name, sizeof(name), "pmt.%s", profiler_kind_name(kind));
	for (size_t i = 0; i < PMT_ARRAY_SIZE(ids); i++) {
		none = PyObject_CallMethod(monitoring, "use_tool_id", "is",
					   ids[i], name);
		if (none != NULL) {
			Py_DECREF(none);
			tools[kind].tool = ids[i];
			return 0;
		}
		if (!PyErr_ExceptionMatches(PyExc_ValueError))
			return -1;
		PyErr_Clear();
	}
	PyErr_Format(PyExc_RuntimeError, "%s cannot start: all tool ids of "
		     "sys.monitoring are in use (engine=\"legacy\" needs none)",
		     profiler_kind_name(kind));
	return -1;
}

/* The bit of an event, or -1. */
static long
event_bit(PyObject *monitoring, struct source *source)
{
	PyObject *events, *bit = NULL;

	if (source->bit > 0)
		return source->bit;
	events = PyObject_GetAttrString(monitoring, "events");
	if (events != NULL)
		bit = PyObject_GetAttrString(events, source->event);
	source->bit = bit == NULL ? -1 : PyLong_AsLong(bit);
	Py_XDECREF(bit);
	Py_XDECREF(events);
	return source->bit;
}

static int
call(PyObject *monitoring, const char *function, const char *format, ...)
{
	PyObject *method = PyObject_GetAttrString(monitoring, function);
	PyObject *args, *result = NULL;
	va_list list;

	va_start(list, format);
	args = Py_VaBuildValue(format, list);
	va_end(list);
	if (method != NULL && args != NULL)
		result = PyObject_CallObject(method, args);
	Py_XDECREF(method);
	Py_XDECREF(args);
	Py_XDECREF(result);
	return result == NULL ? -1 : 0;
}

static int
register_listener(PyObject *monitoring, enum profiler_kind kind,
		  const struct source *source, long bit)
{
	struct listener *listener;
	int err;

	listener = PyObject_New(struct listener, listener_type);
	if (listener == NULL)
		return -1;
	listener->call = source->call;
	listener->kind = kind;
	listener->what = source->what;
	listener->local = source->local;
	err = call(monitoring, "register_callback", "(ilO)", tools[kind].tool,
		   bit, listener);
	Py_DECREF(listener);
	return err;
}

static bool
wants(const struct profiler *profiler, enum pmt_what what)
{
	if (what == PMT_WHAT_OPCODE)
		return profiler->options.opcodes;
	/* The probes tell of Python's functions only. */
	return what != PMT_WHAT_C_CALL || profiler_writes(profiler);
}

static bool
any_wants(enum profiler_kind kind, enum pmt_what what)
{
	struct profiler *profiler = profiler_list[kind];

	while (profiler != NULL && !wants(profiler, what))
		profiler = profiler->below;
	return profiler != NULL;
}

/*
 * What one block did not want, the next may; and the answers outlive our use
 * of the id, for whoever gets it next.
 */
static int
restart_events(PyObject *monitoring, enum profiler_kind kind)
{
	if (!tools[kind].disabled)
		return 0;
	tools[kind].disabled = false;
	return call(monitoring, "restart_events", "()");
}

/* Listen to what the blocks on the list want. */
static int
set_events(PyObject *monitoring, enum profiler_kind kind)
{
	long events = 0, bit;

	for (struct source *source = sources[kind];
	     source->event != NULL; source++) {
		bit = event_bit(monitoring, source);
		if (bit < 0 || register_listener(monitoring, kind, source,
						 bit) < 0)
			return -1;
		/* CALL brings the C_ events with it; alone they are refused. */
		if (strncmp(source->event, "C_", 2) != 0 &&
		    any_wants(kind, source->what))
			events |= bit;
	}
	if (restart_events(monitoring, kind) < 0)
		return -1;
	return call(monitoring, "set_events", "(il)", tools[kind].tool,
		    events);
}

static bool
nobody_listens(enum profiler_kind kind)
{
	struct profiler *profiler = profiler_list[kind];

	while (profiler != NULL && profiler->engine != PROFILER_MONITORING)
		profiler = profiler->below;
	return profiler == NULL;
}

/* Leave sys.monitoring as it was.  False: the id was not ours any more. */
static bool
let_go(PyObject *monitoring, enum profiler_kind kind)
{
	int tool = tools[kind].tool;
	bool ours = true;
	long bit;

	tools[kind].tool = -1;
	if (call(monitoring, "set_events", "(ii)", tool, 0) < 0) {
		PyErr_Clear();
		return false;
	}
	for (struct source *source = sources[kind];
	     source->event != NULL; source++) {
		bit = event_bit(monitoring, source);
		ours &= call(monitoring, "register_callback", "(ilO)", tool,
			     bit, Py_None) == 0;
	}
	ours &= restart_events(monitoring, kind) == 0;
	ours &= call(monitoring, "free_tool_id", "(i)", tool) == 0;
	PyErr_Clear();
	return ours;
}

int
profiler_monitoring_attach(struct profiler *profiler)
{
	enum profiler_kind kind = profiler->kind;
	PyObject *monitoring = get_monitoring();

	if (monitoring == NULL || prepare(monitoring) < 0)
		return -1;
	if (tools[kind].tool == -1 && take_tool_id(monitoring, kind) < 0)
		return -1;
	if (set_events(monitoring, kind) == 0)
		return 0;
	if (profiler->below == NULL) {
		PyObject *type, *value, *traceback;

		PyErr_Fetch(&type, &value, &traceback);
		let_go(monitoring, kind);
		PyErr_Restore(type, value, traceback);
	}
	return -1;
}

bool
profiler_monitoring_detach(struct profiler *profiler)
{
	enum profiler_kind kind = profiler->kind;
	PyObject *monitoring = get_monitoring();

	if (monitoring == NULL) {
		PyErr_Clear();
		return false;
	}
	if (nobody_listens(kind))
		return let_go(monitoring, kind);
	if (set_events(monitoring, kind) == 0)
		return true;
	PyErr_Clear();
	return false;
}

#else

int
profiler_monitoring_attach(struct profiler *profiler)
{
	PyErr_Format(PyExc_ValueError, "engine=\"monitoring\" needs Python "
		     "3.12: %s runs under %s",
		     profiler_kind_name(profiler->kind), compat_version());
	return -1;
}

bool
profiler_monitoring_detach(struct profiler *profiler)
{
	(void)profiler;
	return true;
}

#endif
