/* SPDX-License-Identifier: MIT */
/* snapshot.h - how is the heap written while the program goes on? */
#ifndef PMT_HEAP_SNAPSHOT_H
#define PMT_HEAP_SNAPSHOT_H

#include "module/compat.h"

/*
 * heap_snapshot(path, wait=True): a child (child.h) walks the heap of this
 * moment, writes the file and ends.  The program stands still for the fork
 * only.  Needs the GIL; it is released while we wait.
 */
PyObject *heap_snapshot(PyObject *module, PyObject *args, PyObject *kwargs);

extern const char heap_snapshot_doc[];

/*
 * _heap_timer(signal, seconds): send this process that signal every so often;
 * with 0 seconds no longer.  Children made by fork have no such timer.
 */
PyObject *heap_timer(PyObject *module, PyObject *args);

extern const char heap_timer_doc[];

#endif
