/* SPDX-License-Identifier: MIT */
/* owncode.h - for which line of the program's own code does a thread work? */
#ifndef PMT_OWNCODE_H
#define PMT_OWNCODE_H

#include "log/ownplace.h"
#include "module/compat.h"

#if COMPAT_REFERENCE_TRACER

/*
 * *own: of the innermost frame of TSTATE, and those that called it; none
 * without frames.  Names live at least as long as this call of a tracer.  Of
 * calls nested deeper than 1,024 the innermost 32 count.  Makes no object; the
 * caller has the event lock.
 */
void owncode_find(PyThreadState *tstate, struct pmt_own *own);

#endif

#endif
