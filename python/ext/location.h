/* SPDX-License-Identifier: MIT */
/* location.h - file, line and function of what runs now, looked up once. */
#ifndef PMT_LOCATION_H
#define PMT_LOCATION_H

#include "compat.h"
#include "referencelog.h"

/*
 * Each code object carries, in its extra slot, the columns of its names and a
 * table from instruction to line that is filled as lines are met.  The slot's
 * destructor frees both with the code object, so nothing here grows with the
 * run.
 */

/*
 * Take an extra slot; once for the process.  Returns 0, or -1 with a Python
 * exception set.  Needs the GIL.
 */
int location_init(void);

#if COMPAT_CURRENT_CODE

/*
 * Where TSTATE runs; TSTATE may be NULL.  The names are those of a code object
 * that runs, so they live at least as long as this call of a tracer.  Never
 * fails: where no Python code runs, or memory is short, the names say UNKNOWN.
 */
struct pmt_place location_current(PyThreadState *tstate);

#endif

/* The place of instruction OFFSET (bytes) of CODE. */
struct pmt_place location_of(PyCodeObject *code, int offset);

#endif
