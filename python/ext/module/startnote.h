/* SPDX-License-Identifier: MIT */
/* startnote.h - which other programs did the traced program start? */
#ifndef PMT_STARTNOTE_H
#define PMT_STARTNOTE_H

#include <Python.h>

/*
 * The function _pmt._note_starts(posix, posixsubprocess): from now on each
 * program that is started by a function of these modules, which all of Python
 * is built upon, is told on the board of note_forks(), in parts that "\x1f"
 * separates:
 *
 *	PID started=CHILD HOW FILE ARGUMENT...
 *
 * CHILD is 0 where it is not known; HOW is "exec", which is told before and
 * taken back by "PID unstarted=" if it fails, or "subprocess", or "system",
 * where FILE is a command for the shell.
 *
 * Children that multiprocessing and others fork seldom end but by
 * posix._exit(), so what their memory was is noted in their logs before that.
 *
 * The functions stay the objects they are, and cost nothing until they are
 * called; then no object is made and no Python run.  An audit hook would have
 * CPython make a tuple for each event, which reference tracing sees.
 */
PyObject *note_starts(PyObject *module, PyObject *args);

extern const char note_starts_doc[];

#endif
