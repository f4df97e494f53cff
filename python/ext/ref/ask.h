/* SPDX-License-Identifier: MIT */
/* ask.h - how does our Python code get to look at a session now and then? */
#ifndef PMT_REF_ASK_H
#define PMT_REF_ASK_H

#include "module/compat.h"

/*
 * A method of ReferenceTracing: _ask_after(events, callable).  Once so many
 * events more have gone to it, the main thread calls CALLABLE, once, between
 * two instructions; nothing that happens in it is logged, profiled or traced,
 * and no garbage is collected.  None: nobody is called any more.
 */
PyObject *ref_ask_after(PyObject *self, PyObject *const *args,
			Py_ssize_t count);

#endif
