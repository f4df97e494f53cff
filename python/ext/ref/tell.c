/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/tell.h"

#include "module/pmtmodule.h"
#include "module/threads.h"
#include "ref/block.h"
#include "ref/object.h"
#include "ref/tracer.h"
#include "report/bookrecorder.h"

/* A message that cannot be made is left out, and an exception set. */
static void
append(void *list, const char *text, size_t size)
{
	PyObject *message = PyUnicode_DecodeUTF8(text, (Py_ssize_t)size,
						 "replace");

	if (message != NULL)
		(void)PyList_Append(list, message);
	Py_XDECREF(message);
}

static PyObject *
tell(struct ref_session *session)
{
	PyObject *list = PyList_New(0);
	int err = 0;

	if (list == NULL)
		return NULL;
	/* A forked child in which nothing was made has no books. */
	if (session->log.file.log != NULL)
		err = pmt_books_tell(session->log.file.log, append, list);
	if (err < 0)
		set_os_error(err, NULL);
	if (PyErr_Occurred())
		Py_CLEAR(list);
	return list;
}

PyObject *
ref_tell(PyObject *self, PyObject *Py_UNUSED(args))
{
	struct reference_object *object = object_of(self);
	struct ref_session *session = &object->session;
	PyObject *suspended;

	ONE_AT_A_TIME;
	if (!ref_block_check(object, "_tell"))
		return NULL;
	if (object->options.log.encoding != PMT_ENCODING_BOOKS) {
		PyErr_SetString(PyExc_RuntimeError, "_tell(): this tracing "
				"keeps no books, see its format");
		return NULL;
	}
	ref_block_collect(object);
	object->options.gc_generation = -1;
	/* Collecting may have run code that left the block. */
	if (!ref_block_check(object, "_tell"))
		return NULL;
	events_lock();
	ref_session_sweep(session, PyThreadState_GetUnchecked());
	events_unlock();
	reftracer_measure(session);
	/* What we make from now on would change the books as they are read. */
	suspended = ref_block_suspend(self, NULL);
	if (suspended == NULL)
		return NULL;
	Py_DECREF(suspended);
	return tell(session);
}
