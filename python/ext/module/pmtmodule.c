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
#include "module/exitnote.h"
#include "module/forknote.h"
#include "module/probes.h"
#include "module/startnote.h"
#include "module/threads.h"
#include "module/utf8.h"
#include "sample/clock.h"
#include "sample/footprint.h"

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

/* VmHWM after so many page faults: only another one can make it more. */
static struct {
	long faults;
	uint64_t bytes;
} peak = { .faults = -1 };

/* In the child of fork(2) statm goes on showing the parent. */
static void
forget_parent(void)
{
	pmt_statm_close(statm);
	statm = -1;
	peak.faults = -1;
}

static int
prepare_fork(void)
{
	return PMT_ONCE(-pthread_atfork(NULL, NULL, forget_parent));
}

/* Bytes resident.  0, or -1 with a Python exception set. */
static int
read_rss(uint64_t *bytes)
{
	uint64_t pages;
	int err = prepare_fork();

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
"The most bytes that this program ever had in memory.  What a process had\n"
"before it became this program, by execve(2), does not count, as it does in\n"
"getrusage(2).  Raises OSError if /proc/self/status cannot be read.");

static PyObject *
rss_peak(PyObject *module, PyObject *Py_UNUSED(args))
{
	struct pmt_memory memory;
	struct rusage usage;
	long faults;
	int err = prepare_fork();

	(void)module;
	ONE_AT_A_TIME;
	getrusage(RUSAGE_SELF, &usage);
	faults = usage.ru_minflt + usage.ru_majflt;
	if (err == 0 && faults != peak.faults) {
		pmt_memory_init(&memory);
		pmt_footprint_read_kernel(&memory);
		peak.bytes = memory.peak_rss;
		peak.faults = faults;
		err = peak.bytes == PMT_MEMORY_UNKNOWN ? -ENODATA : 0;
	}
	if (err < 0) {
		peak.faults = -1;
		set_os_error(err, "/proc/self/status");
		return NULL;
	}
	return PyLong_FromUnsignedLongLong(peak.bytes);
}

static PyMethodDef methods[] = {
	{ "_allocation_mark", mark_allocations, METH_O, mark_allocations_doc },
	{ "_probe_heard", probes_probe_heard, METH_O, probes_probe_heard_doc },
	{ "_note_end", note_end, METH_VARARGS, note_end_doc },
	{ "_note_uncaught", note_uncaught, METH_VARARGS, note_uncaught_doc },
	{ "_note_leave", note_leave, METH_O, note_leave_doc },
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

/* What the first block of a program would have to wait for. */
static int
prepare_blocks(PyObject *module)
{
	PyObject *atexit = PyImport_ImportModule("atexit");
	PyObject *gc = PyImport_ImportModule("gc");
	int err = atexit == NULL || gc == NULL ? -1 : 0;

	(void)module;
	pmt_ticks_prepare();
	Py_XDECREF(atexit);
	Py_XDECREF(gc);
	return err;
}

static int
add_version(PyObject *module)
{
	return PyModule_AddStringConstant(module, "__version__",
					  PACKAGE_VERSION);
}

static PyModuleDef_Slot slots[] = {
	{ Py_mod_exec, refuse_subinterpreters },
	{ Py_mod_exec, prepare_blocks },
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
