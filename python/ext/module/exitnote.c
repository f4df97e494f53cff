/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/compat.h"

#include "module/exitnote.h"

#include <stdbool.h>
#include <unistd.h>

#include "module/door.h"

const char note_end_doc[] =
"_note_end(register, function)\n\n"
"Have atexit.register() register the function after each other one, to be\n"
"called first.";

const char note_uncaught_doc[] =
"_note_uncaught(excepthook, function)\n\n"
"Call the function before excepthook() shows what nobody has caught.";

const char note_leave_doc[] =
"_note_leave(function)\n\n"
"Call the function before posix._exit() ends this process.";

/* Whoever registers more than these ends at the last one that was noted. */
enum { MOST = 1000 };

static PyCFunctionWithKeywords before;
static PyObject *ours;			/* (function,) */
static int times;
static PyInterpreterState *whose;
static pid_t process;
static unsigned long thread;

static _PyCFunctionFast excepthook;
static PyObject *at_uncaught, *at_leave;

static void
begin(void)
{
	whose = PyThreadState_Get()->interp;
	process = getpid();
	thread = PyThread_get_thread_ident();
}

/* Of forks, and of other interpreters, these are not the ends. */
static bool
is_ours(void)
{
	return PyThreadState_Get()->interp == whose && getpid() == process;
}

static PyObject *
register_door(PyObject *self, PyObject *args, PyObject *names)
{
	PyObject *result = before(self, args, names), *again;

	if (result == NULL || !is_ours() || times++ >= MOST)
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
	begin();
	times = 0;
	was = door_open(function, METH_VARARGS | METH_KEYWORDS,
			(PyCFunction)(void (*)(void))register_door);
	if (was != NULL)
		before = (PyCFunctionWithKeywords)(void (*)(void))was;
	Py_RETURN_NONE;
}

/* What goes wrong, FUNCTION tells itself; an interrupt comes too late. */
static void
call(PyObject *function)
{
	PyObject *result = PyObject_CallObject(function, NULL);

	if (result == NULL)
		PyErr_Clear();
	Py_XDECREF(result);
}

/* The program may show one itself, or a thread of C, and go on. */
static PyObject *
excepthook_door(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
	if (is_ours() && PyThread_get_thread_ident() == thread &&
	    PyEval_GetFrame() == NULL)
		call(at_uncaught);
	return excepthook(self, args, count);
}

PyObject *
note_uncaught(PyObject *module, PyObject *args)
{
	PyObject *hook, *called;
	PyCFunction was;

	(void)module;
	if (!PyArg_ParseTuple(args, "OO", &hook, &called))
		return NULL;
	Py_INCREF(called);
	Py_XSETREF(at_uncaught, called);
	begin();
	was = door_open(hook, METH_FASTCALL,
			(PyCFunction)(void (*)(void))excepthook_door);
	if (was != NULL)
		excepthook = (_PyCFunctionFast)(void (*)(void))was;
	Py_RETURN_NONE;
}

PyObject *
note_leave(PyObject *module, PyObject *function)
{
	(void)module;
	Py_INCREF(function);
	Py_XSETREF(at_leave, function);
	begin();
	Py_RETURN_NONE;
}

void
exit_leave(void)
{
	if (at_leave != NULL && is_ours())
		call(at_leave);
}
