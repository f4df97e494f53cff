/* SPDX-License-Identifier: MIT */
/* noop.c - a reference tracer that does nothing: the price of the API alone. */
#include <Python.h>

static int
ignore(PyObject *object, PyRefTracerEvent event, void *data)
{
	(void)object;
	(void)event;
	(void)data;
	return 0;
}

static PyObject *
start(PyObject *module, PyObject *args)
{
	(void)module;
	(void)args;
	if (PyRefTracer_SetTracer(ignore, NULL) < 0)
		return NULL;
	Py_RETURN_NONE;
}

static PyObject *
stop(PyObject *module, PyObject *args)
{
	(void)module;
	(void)args;
	if (PyRefTracer_SetTracer(NULL, NULL) < 0)
		return NULL;
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
	{ "start", start, METH_NOARGS, NULL },
	{ "stop", stop, METH_NOARGS, NULL },
	{ NULL, NULL, 0, NULL },
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT, "noop", NULL, 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit_noop(void)
{
	return PyModule_Create(&module);
}
