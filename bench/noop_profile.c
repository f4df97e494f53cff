/* SPDX-License-Identifier: MIT */
/* noop_profile.c - listeners that do nothing: what the APIs alone cost. */
#include <Python.h>

static int
ignore(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
	(void)self;
	(void)frame;
	(void)what;
	(void)arg;
	return 0;
}

static PyObject *
set_profile(PyObject *module, PyObject *on)
{
	(void)module;
	PyEval_SetProfile(PyObject_IsTrue(on) ? ignore : NULL, NULL);
	Py_RETURN_NONE;
}

static PyObject *
set_trace(PyObject *module, PyObject *on)
{
	(void)module;
	PyEval_SetTrace(PyObject_IsTrue(on) ? ignore : NULL, NULL);
	Py_RETURN_NONE;
}

/* A callback of sys.monitoring, whatever the event. */
static PyObject *
listen(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
	(void)module;
	(void)args;
	(void)n;
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
	{ "set_profile", set_profile, METH_O, NULL },
	{ "set_trace", set_trace, METH_O, NULL },
	{ "listen", (PyCFunction)(void (*)(void))listen, METH_FASTCALL, NULL },
	{ NULL, NULL, 0, NULL },
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT, "noop_profile", NULL, 0, methods, NULL, NULL,
	NULL, NULL,
};

PyMODINIT_FUNC
PyInit_noop_profile(void)
{
	return PyModule_Create(&module);
}
