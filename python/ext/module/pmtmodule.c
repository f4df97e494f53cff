/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/pmtmodule.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/common.h"
#include "base/once.h"
#include "base/statm.h"
#include "module/allocations.h"
#include "module/debugmallocstats.h"
#include "module/forknote.h"
#include "module/probes.h"
#include "module/startnote.h"
#include "module/threads.h"
#include "module/utf8.h"

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
call_at_exit(PyMethodDef *method)
{
	PyObject *atexit, *function, *result = NULL;

	atexit = PyImport_ImportModule("atexit");
	function = PyCFunction_New(method, NULL);
	if (atexit != NULL && function != NULL)
		result = PyObject_CallMethod(atexit, "register", "O",
					     function);
	Py_XDECREF(atexit);
	Py_XDECREF(function);
	Py_XDECREF(result);
	return result == NULL ? -1 : 0;
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

/* Kept for the next call; below 0: there is none.  ONE_AT_A_TIME guards it. */
static int statm = -1;

/* In the child of fork(2) it goes on showing the parent. */
static void
forget_statm(void)
{
	pmt_statm_close(statm);
	statm = -1;
}

/* Bytes resident.  0, or -1 with a Python exception set. */
static int
read_rss(uint64_t *bytes)
{
	uint64_t pages;
	int err = PMT_ONCE(-pthread_atfork(NULL, NULL, forget_statm));

	if (err == 0)
		err = pmt_statm_read(&statm, &pages);
	if (err < 0) {
		set_os_error(err, "/proc/self/statm");
		return -1;
	}
	*bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static PyObject *
rss_now(PyObject *module, PyObject *Py_UNUSED(args))
{
	uint64_t bytes;

	(void)module;
	ONE_AT_A_TIME;
	if (read_rss(&bytes) < 0)
		return NULL;
	return PyLong_FromUnsignedLongLong(bytes);
}

PyDoc_STRVAR(rss_peak_doc,
"rss_peak() -> int\n\n"
"The most bytes that this process ever had in memory, from getrusage(2).\n"
"Never less than rss() at the same moment: the kernel brings its own peak up\n"
"to date late.");

static PyObject *
rss_peak(PyObject *module, PyObject *Py_UNUSED(args))
{
	struct rusage usage;
	uint64_t peak, now;

	(void)module;
	ONE_AT_A_TIME;
	if (read_rss(&now) < 0)
		return NULL;
	getrusage(RUSAGE_SELF, &usage);
	/* getrusage(2): ru_maxrss is in kilobytes. */
	peak = (uint64_t)usage.ru_maxrss * 1024;
	return PyLong_FromUnsignedLongLong(peak > now ? peak : now);
}

static PyMethodDef methods[] = {
	{ "_allocation_mark", mark_allocations, METH_O, mark_allocations_doc },
	{ "_probe_heard", probes_probe_heard, METH_O, probes_probe_heard_doc },
	{ "_note_forks", note_forks, METH_O, note_forks_doc },
	{ "_note_starts", note_starts, METH_VARARGS, note_starts_doc },
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
	{ Py_mod_exec, heap_exec },
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
