/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/compat.h"

#include "module/door.h"

PyCFunction
door_open(PyObject *function, int flags, PyCFunction door)
{
	PyMethodDef *definition;
	PyCFunction before;

	if (Py_TYPE(function) != &PyCFunction_Type)
		return NULL;
	definition = ((PyCFunctionObject *)function)->m_ml;
	if (definition->ml_flags != flags || definition->ml_meth == door)
		return NULL;
	before = definition->ml_meth;
	definition->ml_meth = door;
	return before;
}
