/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/compat.h"

#include "module/exitnote.h"

#include <unistd.h>

#include "module/door.h"

const char note_end_doc[] =
"_note_end(register, function)\n\n"
"Have atexit.register() register the function after each other one, to be\n"
"called first.";

/* Whoever registers more than these ends at the last one that was noted. */
enum { MOST = 1000 };

static PyCFunctionWithKeywords before;
static PyObject *ours;			/* (function,) */
static PyInterpreterState *whose;
static pid_t process;
static int times;

static PyObject *
register_door(PyObject *self, PyObject *args, PyObject *names)
{
	PyObject *result = before(self, args, names), *again;

	if (result == NULL || PyThreadState_Get()->interp != whose ||
	    getpid() != process || times++ >= MOST)
		return result;
	again = before(self, ours, NULL);
	if (again == NULL)
		PyErr_Clear();
	Py_XDECREF(again);
	return result;
}

PyObject *
note_end(PyObject *module, PyObject *args)
{
	PyObject *function, *called;
	PyCFunction was;

	(void)module;
	if (!PyArg_ParseTuple(args, "OO", &function, &called))
		return NULL;
	called = PyTuple_Pack(1, called);
	if (called == NULL)
		return NULL;
	Py_XSETREF(ours, called);
	whose = PyThreadState_Get()->interp;
	process = getpid();
	times = 0;
	was = door_open(function, METH_VARARGS | METH_KEYWORDS,
			(PyCFunction)(void (*)(void))register_door);
	if (was != NULL)
		before = (PyCFunctionWithKeywords)(void (*)(void))was;
	Py_RETURN_NONE;
}
