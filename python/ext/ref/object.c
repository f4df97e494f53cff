/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/object.h"

#include <stdlib.h>

#include "module/pmtmodule.h"
#include "module/threads.h"
#include "ref/tracer.h"

struct ref_counts
ref_object_counts(PyObject *self)
{
	const struct ref_session *session = &object_of(self)->session;
	struct ref_counts counts;

	events_lock();
	reftracer_settle();
	counts.created = session->created;
	counts.destroyed = session->destroyed;
	counts.live = session->live;
	events_unlock();
	return counts;
}

PyObject *
ref_object_path(struct reference_object *object)
{
	if (object->entered && object->session.log.file.inherited) {
		events_lock();
		(void)ref_session_has_log(&object->session);
		events_unlock();
	}
	if (object->session.log.file.path != NULL)
		return PyUnicode_DecodeFSDefault(object->session.log.file.path);
	if (object->options.log.filepath != NULL)
		return PyUnicode_DecodeFSDefault(object->options.log.filepath);
	Py_RETURN_NONE;
}

PyObject *
ref_write_message(struct ref_session *session, PyObject *message)
{
	size_t size;
	char *text;

	text = message_text(message, "write_message_to_log", &size);
	if (text == NULL)
		return NULL;
	events_lock();
	ref_session_message(session, text, size);
	events_unlock();
	free(text);
	Py_RETURN_NONE;
}
