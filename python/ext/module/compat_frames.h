/* SPDX-License-Identifier: MIT */
/* compat_frames.h - which variables has a frame that runs, or rests? */
#ifndef PMT_COMPAT_FRAMES_H
#define PMT_COMPAT_FRAMES_H

#include "module/compat_heap.h"

#if COMPAT_HEAP

/*
 * A frame that runs, and its variables.  From 3.11 on it is no object; its
 * variables are visited by nobody else, unless a generator owns it whose
 * STACK is known.
 */
#if PY_VERSION_HEX >= 0x030b0000

typedef struct _PyInterpreterFrame compat_frame_t;

#define COMPAT_FRAME_IS_OBJECT 0

static inline compat_frame_t *
compat_first_frame(PyThreadState *tstate)
{
#if PY_VERSION_HEX >= 0x030d0000
	return tstate->current_frame;
#else
	return tstate->cframe->current_frame;
#endif
}

static inline compat_frame_t *
compat_next_frame(compat_frame_t *frame)
{
	return frame->previous;
}

/* What stands in a place of a frame, which may have a tag since 3.14. */
#if PY_VERSION_HEX >= 0x030e0000

static inline PyObject *
compat_of_place(_PyStackRef place)
{
	return PyStackRef_IsNullOrInt(place)
		       ? NULL : PyStackRef_AsPyObjectBorrow(place);
}

#else

#define compat_of_place(place) ((PyObject *)(place))

#endif

static inline PyCodeObject *
compat_code_of(compat_frame_t *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
	PyObject *code = compat_of_place(frame->f_executable);

	return code != NULL && PyCode_Check(code) ? (PyCodeObject *)code : NULL;
#else
	return frame->f_code;
#endif
}

/* NULL is not one of Python code: the interpreter's own between C calls. */
static inline bool
compat_is_python(compat_frame_t *frame)
{
#if PY_VERSION_HEX >= 0x030e0000
	if (frame->owner >= FRAME_OWNED_BY_INTERPRETER)
		return false;
#elif PY_VERSION_HEX >= 0x030c0000
	if (frame->owner == FRAME_OWNED_BY_CSTACK)
		return false;
#endif
	return compat_code_of(frame) != NULL;
}

static inline PyObject *
compat_generator_of(compat_frame_t *frame)
{
	if (frame->owner != FRAME_OWNED_BY_GENERATOR)
		return NULL;
#if PY_VERSION_HEX >= 0x030e0000
	return (PyObject *)_PyGen_GetGeneratorFromFrame(frame);
#else
	return (PyObject *)_PyFrame_GetGenerator(frame);
#endif
}

/* Is it known how far the stack is filled? */
static inline bool
compat_is_suspended(compat_frame_t *frame)
{
#if PY_VERSION_HEX >= 0x030e0000
	return frame->stackpointer != NULL;
#else
	return frame->stacktop >= 0;
#endif
}

/* How many slots are known to be filled: variables, and the stack if kept. */
static inline int
compat_slots(compat_frame_t *frame)
{
	int variables = compat_code_of(frame)->co_nlocalsplus, all = 0;

#if PY_VERSION_HEX >= 0x030e0000
	if (compat_is_suspended(frame))
		all = (int)(frame->stackpointer - frame->localsplus);
#else
	all = frame->stacktop;
#endif
	return all >= variables ? all : variables;
}

static inline PyObject *
compat_slot(compat_frame_t *frame, int i)
{
	return compat_of_place(frame->localsplus[i]);
}

/* How many slots there are where it is not known how many are filled, or 0. */
static inline int
compat_stack_end(compat_frame_t *frame)
{
	PyCodeObject *code = compat_code_of(frame);

	return compat_is_suspended(frame) ? 0
		: code->co_nlocalsplus + code->co_stacksize;
}

/* Does the object in the slot, if any, count this reference? */
static inline bool
compat_slot_counts(compat_frame_t *frame, int i)
{
#if PY_VERSION_HEX >= 0x030e0000
	return PyStackRef_RefcountOnObject(frame->localsplus[i]);
#else
	(void)frame;
	(void)i;
	return true;
#endif
}

/* The name of variable I, a str, or NULL of what lies on the stack. */
static inline PyObject *
compat_slot_name(compat_frame_t *frame, int i)
{
	PyCodeObject *code = compat_code_of(frame);

	return i < code->co_nlocalsplus
		       ? PyTuple_GET_ITEM(code->co_localsplusnames, i) : NULL;
}

static inline int
compat_line_of(compat_frame_t *frame)
{
	return PyCode_Addr2Line(compat_code_of(frame),
				_PyInterpreterFrame_LASTI(frame) * 2);
}

/* What else the frame refers to. */
static inline void
compat_frame_parts(compat_frame_t *frame, compat_visit *visit, void *arg)
{
	visit((PyObject *)compat_code_of(frame), "f_code", arg);
#if PY_VERSION_HEX >= 0x030c0000
	visit(compat_of_place(frame->f_funcobj), "function", arg);
#else
	visit((PyObject *)frame->f_func, "function", arg);
#endif
	visit(frame->f_locals, NULL, arg);
	visit((PyObject *)frame->frame_obj, "frame", arg);
}

/* The frame of a frame object or of a generator that was not cleared. */
static inline compat_frame_t *
compat_frame_in(PyObject *object)
{
	if (PyFrame_Check(object)) {
		compat_frame_t *frame = ((PyFrameObject *)object)->f_frame;

		return frame->owner == FRAME_OWNED_BY_FRAME_OBJECT ? frame
								   : NULL;
	}
	if (PyGen_Check(object) || PyCoro_CheckExact(object) ||
	    PyAsyncGen_CheckExact(object)) {
		PyGenObject *generator = (PyGenObject *)object;

		/* 3.13 numbers the states anew; the order is the same. */
		if (generator->gi_frame_state < FRAME_CLEARED)
			return (compat_frame_t *)&generator->gi_iframe;
	}
	return NULL;
}

/*
 * Frames and generators end in their variables and stack, but have no
 * ob_size that says how many; -1: OBJECT is neither.  A generator that was
 * cleared keeps its code.
 */
static inline Py_ssize_t
compat_frame_items(PyObject *object)
{
	compat_frame_t *frame;
	PyCodeObject *code;

	if (PyFrame_Check(object))
		frame = ((PyFrameObject *)object)->f_frame;
	else if (PyGen_Check(object) || PyCoro_CheckExact(object) ||
		 PyAsyncGen_CheckExact(object))
		frame = (compat_frame_t *)&((PyGenObject *)object)->gi_iframe;
	else
		return -1;
	code = compat_code_of(frame);
	return code == NULL ? 0 : code->co_nlocalsplus + code->co_stacksize;
}

#else

static inline Py_ssize_t
compat_frame_items(PyObject *object)
{
	(void)object;
	return -1;
}

typedef PyFrameObject compat_frame_t;

#define COMPAT_FRAME_IS_OBJECT 1

static inline compat_frame_t *
compat_first_frame(PyThreadState *tstate)
{
	return tstate->frame;
}

static inline compat_frame_t *
compat_next_frame(compat_frame_t *frame)
{
	return frame->f_back;
}

static inline bool
compat_is_python(compat_frame_t *frame)
{
	(void)frame;
	return true;
}

static inline PyCodeObject *
compat_code_of(compat_frame_t *frame)
{
	return frame->f_code;
}

static inline PyObject *
compat_generator_of(compat_frame_t *frame)
{
	(void)frame;
	return NULL;
}

static inline int
compat_slots(compat_frame_t *frame)
{
	PyCodeObject *code = frame->f_code;

	return (int)(code->co_nlocals + PyTuple_GET_SIZE(code->co_cellvars) +
		     PyTuple_GET_SIZE(code->co_freevars));
}

static inline PyObject *
compat_slot(compat_frame_t *frame, int i)
{
	return frame->f_localsplus[i];
}

static inline PyObject *
compat_slot_name(compat_frame_t *frame, int i)
{
	PyCodeObject *code = frame->f_code;
	PyObject *const names[] = {
		code->co_varnames, code->co_cellvars, code->co_freevars,
	};

	for (unsigned int k = 0; k < 3; k++) {
		if (i < PyTuple_GET_SIZE(names[k]))
			return PyTuple_GET_ITEM(names[k], i);
		i -= (int)PyTuple_GET_SIZE(names[k]);
	}
	return NULL;
}

static inline int
compat_line_of(compat_frame_t *frame)
{
	return PyFrame_GetLineNumber(frame);
}

static inline compat_frame_t *
compat_frame_in(PyObject *object)
{
	return PyFrame_Check(object) ? (PyFrameObject *)object : NULL;
}

#endif

/* The frame object of a generator that rests, where it has one of its own. */
static inline PyObject *
compat_generator_frame(PyObject *object)
{
#if PY_VERSION_HEX < 0x030b0000
	if (PyGen_Check(object) || PyCoro_CheckExact(object) ||
	    PyAsyncGen_CheckExact(object))
		return (PyObject *)((PyGenObject *)object)->gi_frame;
#else
	(void)object;
#endif
	return NULL;
}

#endif

#endif
