/* SPDX-License-Identifier: MIT */
/* forknote.h - which children did the traced program fork? */
#ifndef PMT_FORKNOTE_H
#define PMT_FORKNOTE_H

#include <Python.h>

/*
 * The function _pmt._note_forks(descriptor) of the module: from now on each
 * forked child adds "PID forked=" and a NUL to that file, once it is there and
 * as long as the descriptor is that file's.  No Python runs for it, and no
 * object is made.
 */
PyObject *note_forks(PyObject *module, PyObject *descriptor);

extern const char note_forks_doc[];

/* The longest TEXT, in bytes. */
enum { NOTE_MAX = 1000 };

/* Add "PID TEXT" and a NUL to it, under the same condition; errno stays. */
void note_on_board(const char *text);

#endif
