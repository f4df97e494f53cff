/* SPDX-License-Identifier: MIT */
/* compat.h - every difference between the versions of CPython, and Python.h. */
#ifndef PMT_COMPAT_H
#define PMT_COMPAT_H

/* The frames of the interpreter are internal: no frame object is made. */
#define Py_BUILD_CORE_MODULE 1
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>

#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if PY_VERSION_HEX >= 0x030c0000
#include <internal/pycore_interp.h>
#elif PY_VERSION_HEX >= 0x03090000
#include <internal/pycore_runtime.h>
#else
#include <internal/pycore_pystate.h>
#endif
#if PY_VERSION_HEX >= 0x030e0000
#include <internal/pycore_interpframe.h>
#elif PY_VERSION_HEX >= 0x030c0000
#include <internal/pycore_frame.h>
#endif

/* Of the interpreter that runs, which may not be the one we were built for. */
static inline const char *
compat_version(void)
{
	static char version[32];
	const char *full = Py_GetVersion();
	size_t n = strcspn(full, " ");

	if (n < sizeof(version))
		memcpy(version, full, n);
	return version;
}

/* No GIL: Python code runs in several threads at the same time (PEP 703). */
#ifdef Py_GIL_DISABLED
#define COMPAT_FREE_THREADED 1
#else
#define COMPAT_FREE_THREADED 0
#endif

/* PyCode_AddWatcher(): 3.12. */
#define COMPAT_CODE_WATCHERS (PY_VERSION_HEX >= 0x030c0000)

#if COMPAT_CODE_WATCHERS

/*
 * Does CALLBACK watch the code objects of INTERP, the one that runs?  An
 * interpreter that has not come so far is made to, if it has a place left.
 * CALLBACK is then never called but with the GIL of INTERP.
 */
static inline bool
compat_watches_code(PyInterpreterState *interp, PyCode_WatchCallback callback)
{
	for (int i = 0; i < CODE_MAX_WATCHERS; i++) {
		if (interp->code_watchers[i] == callback)
			return true;
		/* It would take this one, and only raises without any. */
		if (interp->code_watchers[i] == NULL)
			return PyCode_AddWatcher(callback) >= 0;
	}
	return false;
}

#endif

/* Do A and B share a GIL?  Until 3.12 all interpreters did. */
static inline bool
compat_has_gil_of(const PyInterpreterState *a, const PyInterpreterState *b)
{
	return PY_VERSION_HEX < 0x030c0000 || a == b;
}

#if COMPAT_FREE_THREADED

/*
 * Take the lock of OBJECT if nobody has it.  This never waits, nor does the
 * release.
 */
static inline bool
compat_try_lock(PyObject *object)
{
	uint8_t expected = _Py_UNLOCKED;

	return _Py_atomic_compare_exchange_uint8(&object->ob_mutex._bits,
						 &expected, _Py_LOCKED);
}

static inline void
compat_release(PyObject *object)
{
	PyMutex_Unlock(&object->ob_mutex);
}

#else

static inline bool
compat_try_lock(PyObject *object)
{
	(void)object;
	return true;
}

static inline void
compat_release(PyObject *object)
{
	(void)object;
}

#endif

/* Instructions, of two bytes, with their caches. */
static inline Py_ssize_t
compat_code_units(PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030b0000
	return Py_SIZE(code);
#else
	return PyBytes_GET_SIZE(code->co_code) / 2;
#endif
}

/*
 * Slots of a module whose state is the process's, as CPython's tracers are:
 * two interpreters cannot share it.  It does not need the GIL (threads.h).
 */
#if PY_VERSION_HEX >= 0x030d0000
#define COMPAT_PROCESS_WIDE_SLOTS \
	{ Py_mod_multiple_interpreters, \
	  Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED }, \
	{ Py_mod_gil, Py_MOD_GIL_NOT_USED },
#elif PY_VERSION_HEX >= 0x030c0000
#define COMPAT_PROCESS_WIDE_SLOTS \
	{ Py_mod_multiple_interpreters, \
	  Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED },
#else
#define COMPAT_PROCESS_WIDE_SLOTS
#endif

/*
 * The innermost Python frame of TSTATE: its code object, borrowed, and the
 * byte offset of the instruction that runs.  NULL where no Python code runs.
 * From 3.12 on this makes no frame object.
 */
#if PY_VERSION_HEX >= 0x030e0000

static inline PyCodeObject *
compat_current_code(PyThreadState *tstate, int *offset)
{
	struct _PyInterpreterFrame *frame = tstate->current_frame;

	while (frame != NULL && _PyFrame_IsIncomplete(frame))
		frame = frame->previous;
	if (frame == NULL)
		return NULL;
	*offset = PyUnstable_InterpreterFrame_GetLasti(frame);
	return _PyFrame_GetCode(frame);
}

#elif PY_VERSION_HEX >= 0x030c0000

#if PY_VERSION_HEX >= 0x030d0000
#define compat_frame(tstate) ((tstate)->current_frame)
#define compat_frame_code(frame) _PyFrame_GetCode(frame)
#else
#define compat_frame(tstate) ((tstate)->cframe->current_frame)
#define compat_frame_code(frame) ((frame)->f_code)
#endif

static inline PyCodeObject *
compat_current_code(PyThreadState *tstate, int *offset)
{
	struct _PyInterpreterFrame *frame = compat_frame(tstate);

	while (frame != NULL && _PyFrame_IsIncomplete(frame))
		frame = frame->previous;
	if (frame == NULL)
		return NULL;
	*offset = _PyInterpreterFrame_LASTI(frame) *
		  (int)sizeof(_Py_CODEUNIT);
	return compat_frame_code(frame);
}

#endif

/* What a frame object tells: its code, borrowed, and the instruction. */
static inline PyCodeObject *
compat_frame_object_code(PyFrameObject *frame)
{
#if PY_VERSION_HEX >= 0x03090000
	PyCodeObject *code = PyFrame_GetCode(frame);

	Py_DECREF(code);
	return code;
#else
	return frame->f_code;
#endif
}

static inline int
compat_frame_object_offset(PyFrameObject *frame)
{
#if PY_VERSION_HEX >= 0x030b0000
	return PyFrame_GetLasti(frame);
#elif PY_VERSION_HEX >= 0x030a0000
	return frame->f_lasti * 2;
#else
	return frame->f_lasti;
#endif
}

#if PY_VERSION_HEX < 0x030c0000

static inline PyCodeObject *
compat_current_code(PyThreadState *tstate, int *offset)
{
	PyCodeObject *code = NULL;
#if PY_VERSION_HEX >= 0x03090000
	PyFrameObject *frame = PyThreadState_GetFrame(tstate);
#else
	PyFrameObject *frame = tstate->frame;

	Py_XINCREF(frame);
#endif
	if (frame != NULL) {
		code = compat_frame_object_code(frame);
		*offset = compat_frame_object_offset(frame);
		Py_DECREF(frame);
	}
	return code;
}

#endif

/* The kernel's number of the thread that calls. */
static inline int64_t
compat_thread_id(PyThreadState *tstate)
{
#if PY_VERSION_HEX >= 0x030b0000
	return (int64_t)tstate->native_thread_id;
#else
	(void)tstate;
	return (int64_t)syscall(SYS_gettid);
#endif
}

/*
 * How often the GIL of TSTATE went from one thread to another, so far: while
 * the number stays, no other thread ran Python code.  Without a GIL always 0.
 */
static inline uint64_t
compat_thread_switches(PyThreadState *tstate)
{
#if COMPAT_FREE_THREADED
	(void)tstate;
	return 0;
#elif PY_VERSION_HEX >= 0x030c0000
	return tstate->interp->ceval.gil->switch_number;
#else
	(void)tstate;
	return _PyRuntime.ceval.gil.switch_number;
#endif
}

/* "Class.function" where CPython keeps it, else "function"; borrowed. */
static inline PyObject *
compat_qualified_name(PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030b0000
	return code->co_qualname;
#else
	return code->co_name;
#endif
}

/* sys.monitoring: 3.12. */
#define COMPAT_MONITORING (PY_VERSION_HEX >= 0x030c0000)

/* _posixsubprocess.fork_exec() takes its arguments as a tuple: until 3.11. */
#define COMPAT_FORK_EXEC_TUPLE (PY_VERSION_HEX < 0x030c0000)

/* An int that is known to fit. */
static inline int
compat_int(PyObject *number)
{
#if PY_VERSION_HEX >= 0x030c0000
	if (PyUnstable_Long_IsCompact((PyLongObject *)number))
		return (int)PyUnstable_Long_CompactValue(
			(PyLongObject *)number);
#endif
	return (int)PyLong_AsLong(number);
}

/* That of the thread that calls, which has one. */
static inline PyThreadState *
compat_thread_state(void)
{
#if PY_VERSION_HEX >= 0x030d0000
	return PyThreadState_GetUnchecked();
#else
	return _PyThreadState_UncheckedGet();
#endif
}

/*
 * The profile or trace function of a thread.  Where another thread's cannot be
 * set (3.8, and again from 3.13 on) these do nothing for it.
 */
static inline void
compat_set_profile(PyThreadState *tstate, Py_tracefunc function,
		   PyObject *object)
{
	if (tstate == PyThreadState_Get())
		PyEval_SetProfile(function, object);
#if PY_VERSION_HEX >= 0x03090000 && PY_VERSION_HEX < 0x030d0000
	else
		(void)_PyEval_SetProfile(tstate, function, object);
#endif
}

static inline void
compat_set_trace(PyThreadState *tstate, Py_tracefunc function,
		 PyObject *object)
{
	if (tstate == PyThreadState_Get())
		PyEval_SetTrace(function, object);
#if PY_VERSION_HEX >= 0x03090000 && PY_VERSION_HEX < 0x030d0000
	else
		(void)_PyEval_SetTrace(tstate, function, object);
#endif
}

/* Set it for all threads, where that is all that can be done for others. */
static inline void
compat_set_all_threads(bool profile, Py_tracefunc function, PyObject *object)
{
#if PY_VERSION_HEX >= 0x030d0000
	if (profile)
		PyEval_SetProfileAllThreads(function, object);
	else
		PyEval_SetTraceAllThreads(function, object);
#else
	(void)profile;
	(void)function;
	(void)object;
#endif
}

/*
 * The threads of the interpreter of SELF, which calls.  Without the GIL the
 * list may change while it is walked: there SELF is all that is shown.
 */
static inline PyThreadState *
compat_first_thread(PyThreadState *self)
{
	if (COMPAT_FREE_THREADED)
		return self;
	return PyInterpreterState_ThreadHead(self->interp);
}

static inline PyThreadState *
compat_next_thread(PyThreadState *tstate)
{
	return COMPAT_FREE_THREADED ? NULL : PyThreadState_Next(tstate);
}

/* Has one of those not shown a profile or trace function? */
static inline bool
compat_others_have_function(PyThreadState *self, bool profile)
{
#if COMPAT_FREE_THREADED
	return profile ? self->interp->sys_profiling_threads >
				 (self->c_profilefunc != NULL)
		       : self->interp->sys_tracing_threads >
				 (self->c_tracefunc != NULL);
#else
	(void)self;
	(void)profile;
	return false;
#endif
}

/* PyRefTracer_SetTracer(): 3.13. */
#define COMPAT_REFERENCE_TRACER (PY_VERSION_HEX >= 0x030d0000)

#if COMPAT_REFERENCE_TRACER

/*
 * Until 3.13.2 the eval loop did not tell a reference tracer what it destroyed
 * (gh-130382).  A build may run with another patch release: ask at run time.
 */
static inline bool
compat_destructions_missed(void)
{
	return Py_Version >= 0x030d0000 && Py_Version < 0x030d03f0;
}

/* Digits of an int, which has no ob_size since 3.12 (longintrepr.h). */
static inline Py_ssize_t
compat_long_digits(PyObject *number)
{
	return (Py_ssize_t)(((PyLongObject *)number)->long_value.lv_tag >> 3);
}

/* Bytes before the object in its block: _PyType_PreHeaderSize(). */
static inline unsigned int
compat_pre_header(const PyTypeObject *type)
{
	unsigned int size = 0;

#ifndef Py_GIL_DISABLED
	if (type->tp_flags & Py_TPFLAGS_HAVE_GC)
		size += 2 * sizeof(void *);
#endif
	if (type->tp_flags & Py_TPFLAGS_PREHEADER)
		size += 2 * sizeof(void *);
	return size;
}

#endif

#endif
