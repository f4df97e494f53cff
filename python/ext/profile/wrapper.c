/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/wrapper.h"

#include "module/threads.h"
#include "profile/view.h"

/* Another view of the same profiler. */
struct wrapper {
	PyObject_HEAD
	struct profiler *profiler;	/* strong */
};

static void
wrapper_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_DECREF(((struct wrapper *)self)->profiler);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *
wrapper_write_message(PyObject *self, PyObject *message)
{
	ONE_AT_A_TIME;
	return profiler_write_message(((struct wrapper *)self)->profiler,
				      message);
}

static PyObject *
wrapper_write(PyObject *self, PyObject *message)
{
	ONE_AT_A_TIME;
	return profiler_write_line(((struct wrapper *)self)->profiler,
				   message);
}

static PyObject *
wrapper_log_file_path(PyObject *self, void *Py_UNUSED(closure))
{
	ONE_AT_A_TIME;
	return profiler_path(((struct wrapper *)self)->profiler);
}

#define WRAPPER_NUMBER(name, field) \
	static PyObject * \
	wrapper_##name(PyObject *self, void *Py_UNUSED(closure)) \
	{ \
		return PyLong_FromUnsignedLongLong(profiler_number( \
			&((struct wrapper *)self)->profiler->trigger.field)); \
	}

WRAPPER_NUMBER(event_number, event)
WRAPPER_NUMBER(previous_event_number, row_event)
WRAPPER_NUMBER(rss, row_rss)
WRAPPER_NUMBER(d_rss_trigger, step)

static PyMethodDef wrapper_methods[] = {
	{ "write_message_to_log", wrapper_write_message, METH_O,
	  "Add a MSG row." },
	{ "write_to_log", wrapper_write, METH_O, "Add a text." },
	{ NULL, NULL, 0, NULL },
};

static PyGetSetDef wrapper_attributes[] = {
	{ "log_file_path", wrapper_log_file_path, NULL,
	  "Path of the log.", NULL },
	{ "event_number", wrapper_event_number, NULL,
	  "Number of the latest event.", NULL },
	{ "previous_event_number", wrapper_previous_event_number, NULL,
	  "Number of the last event that has a row.", NULL },
	{ "rss", wrapper_rss, NULL,
	  "RSS in the last row, in bytes.", NULL },
	{ "d_rss_trigger", wrapper_d_rss_trigger, NULL,
	  "Change of RSS, in bytes, that makes a row.", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

PyDoc_STRVAR(wrapper_doc, "The log of a Profile or Trace.");

static PyType_Slot wrapper_slots[] = {
	{ Py_tp_doc, (void *)wrapper_doc },
	{ Py_tp_dealloc, wrapper_dealloc },
	{ Py_tp_methods, wrapper_methods },
	{ Py_tp_getset, wrapper_attributes },
	{ 0, NULL },
};

static PyType_Spec wrapper_spec = {
	.name = "pmt._pmt.TraceFileWrapper",
	.basicsize = sizeof(struct wrapper),
	.flags = Py_TPFLAGS_DEFAULT,
	.slots = wrapper_slots,
};

static PyTypeObject *wrapper_type;	/* constant once the module is there */

int
profiler_wrapper_init(void)
{
	if (wrapper_type == NULL)
		wrapper_type = (PyTypeObject *)PyType_FromSpec(&wrapper_spec);
	return wrapper_type == NULL ? -1 : 0;
}

PyObject *
profiler_wrapper_new(struct profiler *profiler)
{
	struct wrapper *wrapper =
		(struct wrapper *)wrapper_type->tp_alloc(wrapper_type, 0);

	if (wrapper == NULL)
		return NULL;
	Py_INCREF(profiler);
	wrapper->profiler = profiler;
	return (PyObject *)wrapper;
}
