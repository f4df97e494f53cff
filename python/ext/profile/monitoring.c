/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/monitoring.h"

#include "profile/listener.h"

#if COMPAT_MONITORING

/* Our ids, or -1.  Of the interpreter; guarded by the switching lock. */
static int tools[PROFILER_KINDS] = {
	[PROFILER_PROFILE] = -1,
	[PROFILER_TRACE] = -1,
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
			tools[kind] = ids[i];
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
event_bit(PyObject *monitoring, struct listener_source *source)
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
		  const struct listener_source *source, long bit)
{
	PyObject *listener = listener_new(kind, source);
	int err;

	if (listener == NULL)
		return -1;
	err = call(monitoring, "register_callback", "(ilO)", tools[kind], bit,
		   listener);
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
	if (!listener_has_disabled(kind))
		return 0;
	return call(monitoring, "restart_events", "()");
}

/* Listen to what the blocks on the list want. */
static int
set_events(PyObject *monitoring, enum profiler_kind kind)
{
	long events = 0, bit;

	for (struct listener_source *source = listener_sources(kind);
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
	return call(monitoring, "set_events", "(il)", tools[kind],
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
	int tool = tools[kind];
	bool ours = true;
	long bit;

	tools[kind] = -1;
	if (call(monitoring, "set_events", "(ii)", tool, 0) < 0) {
		PyErr_Clear();
		return false;
	}
	for (struct listener_source *source = listener_sources(kind);
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

	if (monitoring == NULL || listener_prepare(monitoring) < 0)
		return -1;
	if (tools[kind] == -1 && take_tool_id(monitoring, kind) < 0)
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
