/* SPDX-License-Identifier: MIT */
/* compat_running.h - which frames does a thread run, and where are they? */
#ifndef PMT_COMPAT_RUNNING_H
#define PMT_COMPAT_RUNNING_H

#include "module/compat.h"

#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000
#include <internal/pycore_frame.h>
#endif

/*
 * A frame that the interpreter runs; it need not be Python code.  No object is
 * made of it.
 */
#if PY_VERSION_HEX >= 0x030b0000

#define compat_running _PyInterpreterFrame

/* The innermost of TSTATE of which the code is known, or NULL. */
static inline const struct compat_running *
compat_innermost(PyThreadState *tstate)
{
#if PY_VERSION_HEX >= 0x030d0000
	struct compat_running *frame = tstate->current_frame;
#else
	struct compat_running *frame = tstate->cframe->current_frame;
#endif

	while (frame != NULL && _PyFrame_IsIncomplete(frame))
		frame = frame->previous;
	return frame;
}

/* The one that called FRAME, or NULL. */
static inline const struct compat_running *
compat_outer(const struct compat_running *frame)
{
	return frame->previous;
}

/* What it runs; no other instruction of another code object is that. */
static inline uintptr_t
compat_running_instruction(const struct compat_running *frame)
{
#if PY_VERSION_HEX >= 0x030d0000
	return (uintptr_t)frame->instr_ptr;
#else
	return (uintptr_t)frame->prev_instr;
#endif
}

/* The code of FRAME, borrowed, and the instruction; NULL if it has none. */
static inline PyCodeObject *
compat_running_code(const struct compat_running *frame, int *offset)
{
	struct compat_running *known =
		(struct compat_running *)(uintptr_t)frame;

	if (_PyFrame_IsIncomplete(known))
		return NULL;
#if PY_VERSION_HEX >= 0x030e0000
	*offset = PyUnstable_InterpreterFrame_GetLasti(known);
#else
	*offset = _PyInterpreterFrame_LASTI(known) * (int)sizeof(_Py_CODEUNIT);
#endif
#if PY_VERSION_HEX >= 0x030d0000
	return _PyFrame_GetCode(known);
#else
	return known->f_code;
#endif
}

#else

#define compat_running _frame

static inline const struct compat_running *
compat_innermost(PyThreadState *tstate)
{
	return tstate->frame;
}

static inline const struct compat_running *
compat_outer(const struct compat_running *frame)
{
	return frame->f_back;
}

/* The code object and, in bits that no address has, how far it has come. */
static inline uintptr_t
compat_running_instruction(const struct compat_running *frame)
{
	return (uintptr_t)frame->f_code ^ (uintptr_t)frame->f_lasti << 44;
}

static inline PyCodeObject *
compat_running_code(const struct compat_running *frame, int *offset)
{
	*offset = compat_frame_object_offset(
		(PyFrameObject *)(uintptr_t)frame);
	return frame->f_code;
}

#endif

#endif
