/* SPDX-License-Identifier: MIT */
/* codeslot.h - what do we keep with a code object, as long as it lives? */
#ifndef PMT_CODESLOT_H
#define PMT_CODESLOT_H

#include "base/common.h"
#include "module/compat.h"

/*
 * One pointer for each code object.  Under the GIL it lies in the extra slot
 * of the code object (PEP 523).  A free-threaded build has these slots too, but
 * to set one moves those that others read (3.13), or takes the lock of the
 * code object (gh-144981), which a tracer must not wait for.  There a table of
 * ours has the pointers, and a code watcher tells when a code object dies.
 *
 * Guarded by the GIL, or the event lock (threads.h) where there is none.
 */

/*
 * Once for the process.  DROP gets what is kept with a code object when that
 * dies.  Returns 0, or -1 with a Python exception set.
 */
int code_slot_init(void (*drop)(void *));

#if COMPAT_FREE_THREADED

/*
 * Can code objects of INTERP, the interpreter that runs, have something kept
 * with them?
 */
bool code_slot_is_there(PyInterpreterState *interp);

/* What is kept with CODE, or NULL. */
void *code_slot_get(PyCodeObject *code);

#else

extern PMT_HIDDEN Py_ssize_t code_slot;	/* its number, or -1 */
void code_slot_free(void *value);

static inline bool
code_slot_is_there(PyInterpreterState *interp)
{
	return compat_has_code_slot(interp, code_slot, code_slot_free);
}

static inline void *
code_slot_get(PyCodeObject *code)
{
	return compat_get_code_slot(code, code_slot);
}

#endif

/* Keep VALUE with CODE, which had none.  Returns 0 or -1; sets no exception. */
int code_slot_set(PyCodeObject *code, void *value);

#endif
