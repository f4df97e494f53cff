/* SPDX-License-Identifier: MIT */
/* exitnote.h - when has the program ended, and only what it has atexit runs? */
#ifndef PMT_EXITNOTE_H
#define PMT_EXITNOTE_H

#include <Python.h>

/*
 * The function _pmt._note_end(register, function): FUNCTION, which takes no
 * arguments and acts but once, is registered by REGISTER, that of atexit, after
 * each function that anybody registers from now on, so that it is called before
 * all of them.  No object is made for that up to 3.13, a tuple from 3.14 on.
 * What a forked child registers comes after FUNCTION: multiprocessing has its
 * children begin with an empty list, whose functions run at each one's end.
 */
PyObject *note_end(PyObject *module, PyObject *args);

extern const char note_end_doc[];

/*
 * The function _pmt._note_uncaught(excepthook, function): FUNCTION, as above,
 * is called when sys.excepthook, which is EXCEPTHOOK, is to show what no code
 * of this process and interpreter has caught.  It imports modules for that.
 */
PyObject *note_uncaught(PyObject *module, PyObject *args);

extern const char note_uncaught_doc[];

/*
 * The function _pmt._note_leave(function): FUNCTION is called by exit_leave().
 */
PyObject *note_leave(PyObject *module, PyObject *function);

extern const char note_leave_doc[];

/* posix._exit() is about to end this process, or a fork of it. */
void exit_leave(void);

#endif
