/* SPDX-License-Identifier: MIT */
/* door.h - how does a function of CPython become ours, and stay its object? */
#ifndef PMT_DOOR_H
#define PMT_DOOR_H

#include <Python.h>

/*
 * A builtin function reads its definition at each call: have FUNCTION, if it
 * has these METH_* FLAGS, call DOOR.  Returns what it called before, or NULL:
 * it is no such function, or calls DOOR already.  All interpreters share it.
 */
PyCFunction door_open(PyObject *function, int flags, PyCFunction door);

#endif
