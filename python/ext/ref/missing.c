/* SPDX-License-Identifier: MIT */
/* What ReferenceTracing is where CPython cannot trace references. */
#include <config.h>

#include "module/pmtmodule.h"

/*
 * Before 3.13 CPython tells nobody of creations and destructions.  The names
 * exist, so that a program fails where it uses them and learns why.
 */
static PyObject *
refuse(PyObject *module, PyObject *args, PyObject *kwargs)
{
	(void)module;
	(void)args;
	(void)kwargs;
	PyErr_Format(PyExc_NotImplementedError,
		     "reference tracing needs Python 3.13 or newer, "
		     "this is %d.%d", PY_MAJOR_VERSION, PY_MINOR_VERSION);
	return NULL;
}

#define REFUSED(name) \
	{ name, (PyCFunction)(void (*)(void))refuse, \
	  METH_VARARGS | METH_KEYWORDS, \
	  "Needs Python 3.13; raises NotImplementedError on this one." }

static PyMethodDef refused[] = {
	REFUSED("ReferenceTracing"),
	REFUSED("ReferenceTracingSimple"),
	REFUSED("reference_tracing_wrapper_depth"),
	REFUSED("reference_tracing_simple_wrapper_depth"),
	REFUSED("reference_tracing_log_path"),
	REFUSED("reference_tracing_write_message_to_log"),
	REFUSED("reference_tracing_live_object_counts"),
	{ NULL, NULL, 0, NULL },
};

int
reference_tracing_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, refused);
}
