/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/pmtmodule.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/common.h"
#include "module/debugmallocstats.h"
#include "module/utf8.h"
#include "proc/rss.h"

void
set_os_error(int err, const char *path)
{
	errno = -err;
	if (path == NULL)
		PyErr_SetFromErrno(PyExc_OSError);
	else
		PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
}

int
add_type(PyObject *module, PyType_Spec *spec)
{
	PyObject *type = PyType_FromSpec(spec);

	if (type == NULL)
		return -1;
	if (PyModule_AddObject(module, strrchr(spec->name, '.') + 1,
			       type) < 0) {
		Py_DECREF(type);
		return -1;
	}
	return 0;
}

int
call_at_exit(PyMethodDef *method, bool *registered)
{
	PyObject *atexit, *function, *result = NULL;

	if (*registered)
		return 0;
	atexit = PyImport_ImportModule("atexit");
	function = PyCFunction_New(method, NULL);
	if (atexit != NULL && function != NULL)
		result = PyObject_CallMethod(atexit, "register", "O",
					     function);
	Py_XDECREF(atexit);
	Py_XDECREF(function);
	Py_XDECREF(result);
	*registered = result != NULL;
	return *registered ? 0 : -1;
}

char *
message_text(PyObject *message, const char *method, size_t *size)
{
	char *text;

	if (!PyUnicode_Check(message)) {
		PyErr_Format(PyExc_TypeError,
			     "%s() requires a single string, not type %.200s",
			     method, Py_TYPE(message)->tp_name);
		return NULL;
	}
	text = utf8_from_str(message, size);
	if (text == NULL)
		PyErr_NoMemory();
	return text;
}

PyDoc_STRVAR(rss_doc,
"rss() -> int\n\n"
"Bytes of this process that are in memory now (resident set size).\n"
"Raises OSError if /proc/self/statm cannot be read.");

static PyObject *
rss_now(PyObject *module, PyObject *Py_UNUSED(args))
{
	struct pmt_rss *rss;
	uint64_t bytes;
	int err;

	(void)module;
	err = pmt_rss_open(0, &rss);
	if (err == 0) {
		err = pmt_rss_read(rss, &bytes);
		pmt_rss_close(rss);
	}
	if (err < 0) {
		set_os_error(err, "/proc/self/statm");
		return NULL;
	}
	return PyLong_FromUnsignedLongLong(bytes);
}

PyDoc_STRVAR(rss_peak_doc,
"rss_peak() -> int\n\n"
"The most bytes that this process ever had in memory, from getrusage(2).\n"
"Never less than rss() at the same moment: the kernel brings its own peak up\n"
"to date late.");

static PyObject *
rss_peak(PyObject *module, PyObject *args)
{
	struct rusage usage;
	unsigned long long peak, now;
	PyObject *current = rss_now(module, args);

	if (current == NULL)
		return NULL;
	now = PyLong_AsUnsignedLongLong(current);
	Py_DECREF(current);
	getrusage(RUSAGE_SELF, &usage);
	/* getrusage(2): ru_maxrss is in kilobytes. */
	peak = (unsigned long long)usage.ru_maxrss * 1024;
	return PyLong_FromUnsignedLongLong(peak > now ? peak : now);
}

static PyMethodDef methods[] = {
	{ "debugmallocstats", pmt_debugmallocstats, METH_NOARGS,
	  pmt_debugmallocstats_doc },
	{ "rss", rss_now, METH_NOARGS, rss_doc },
	{ "rss_peak", rss_peak, METH_NOARGS, rss_peak_doc },
	{ NULL, NULL, 0, NULL },
};

/* CPython looks itself only in 3.12, and where each has a GIL of its own. */
static int
refuse_subinterpreters(PyObject *module)
{
	(void)module;
	if (PyThreadState_Get()->interp == PyInterpreterState_Main())
		return 0;
	PyErr_SetString(PyExc_ImportError, "module pmt._pmt does not support "
			"loading in subinterpreters");
	return -1;
}

static int
add_version(PyObject *module)
{
	return PyModule_AddStringConstant(module, "__version__",
					  PACKAGE_VERSION);
}

static PyModuleDef_Slot slots[] = {
	{ Py_mod_exec, refuse_subinterpreters },
	{ Py_mod_exec, add_version },
	{ Py_mod_exec, profiler_exec },
	{ Py_mod_exec, reference_tracing_exec },
	COMPAT_PROCESS_WIDE_SLOTS
	{ 0, NULL },
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "pmt._pmt",
	.m_doc = "The tracers of pmt; use them through the package pmt.",
	.m_methods = methods,
	.m_slots = slots,
};

PMT_PUBLIC PyMODINIT_FUNC PyInit__pmt(void);

PyMODINIT_FUNC
PyInit__pmt(void)
{
	return PyModuleDef_Init(&definition);
}
