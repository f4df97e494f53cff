/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/debugmallocstats.h"

#include <errno.h>
#include <stdlib.h>

#include "base/capture.h"

const char pmt_debugmallocstats_doc[] =
	"debugmallocstats()\n--\n\n"
	"Return what sys._debugmallocstats() prints, as bytes.";

PyObject *
pmt_debugmallocstats(PyObject *module, PyObject *unused)
{
	PyObject *function, *none, *text = NULL;
	struct pmt_capture capture;
	int err;

	(void)module;
	(void)unused;
	function = PySys_GetObject("_debugmallocstats");	/* borrowed */
	if (function == NULL) {
		PyErr_SetString(PyExc_RuntimeError,
				"this Python has no sys._debugmallocstats()");
		return NULL;
	}
	Py_INCREF(function);
	err = pmt_capture_begin(&capture);
	if (err == 0) {
		none = PyObject_CallObject(function, NULL);
		err = pmt_capture_end(&capture);
		if (none != NULL && err == 0)
			text = PyBytes_FromStringAndSize(
				capture.text == NULL ? "" : capture.text,
				(Py_ssize_t)capture.size);
		free(capture.text);
		Py_XDECREF(none);
	}
	Py_DECREF(function);
	if (err != 0 && !PyErr_Occurred()) {
		errno = -err;
		PyErr_SetFromErrno(PyExc_OSError);
	}
	return text;
}
