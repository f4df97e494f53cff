/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/listener.h"

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

static _Atomic bool has_disabled[PROFILER_KINDS];
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
		has_disabled[listener->kind] = true;
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
		has_disabled[listener->kind] = true;
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

static struct listener_source profile_sources[] = {
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

static struct listener_source trace_sources[] = {
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

static struct listener_source *const sources[PROFILER_KINDS] = {
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

int
listener_prepare(PyObject *monitoring)
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

struct listener_source *
listener_sources(enum profiler_kind kind)
{
	return sources[kind];
}

PyObject *
listener_new(enum profiler_kind kind, const struct listener_source *source)
{
	struct listener *listener = PyObject_New(struct listener,
						 listener_type);

	if (listener == NULL)
		return NULL;
	listener->call = source->call;
	listener->kind = kind;
	listener->what = source->what;
	listener->local = source->local;
	return (PyObject *)listener;
}

bool
listener_has_disabled(enum profiler_kind kind)
{
	return atomic_exchange(&has_disabled[kind], false);
}

#endif
