/* SPDX-License-Identifier: MIT */
/* shopmodule.c - an extension that keeps memory, and calls Python back. */
#include <config.h>

#include <Python.h>

#include <stdlib.h>

static void *volatile kept;

static PyObject *
keep(PyObject *self, PyObject *size)
{
	kept = malloc(PyLong_AsSize_t(size));
	Py_RETURN_NONE;
}

static PyObject *
apply(PyObject *self, PyObject *function)
{
	PyObject *result = PyObject_CallNoArgs(function);

	kept = NULL;
	return result;
}

static PyMethodDef methods[] = {
	{ "keep", keep, METH_O, NULL },
	{ "apply", apply, METH_O, NULL },
	{ NULL, NULL, 0, NULL },
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT, "shop", NULL, -1, methods,
};

PyMODINIT_FUNC
PyInit_shop(void)
{
	return PyModule_Create(&module);
}
