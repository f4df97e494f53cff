/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "profile/view.h"

#include <stdlib.h>

#include "module/pmtmodule.h"
#include "module/threads.h"
#include "profile/log.h"

static PyObject *
write_text(struct profiler *profiler, const char *method, PyObject *message,
	   bool bare)
{
	size_t size;
	char *text;
	bool written;

	text = message_text(message, method, &size);
	if (text == NULL)
		return NULL;
	written = profiler_message(profiler, text, size, bare);
	free(text);
	if (written)
		Py_RETURN_NONE;
	PyErr_SetString(PyExc_OSError, profiler->log.file.path != NULL
			? "Log file is closed." : "Log file is not open yet.");
	return NULL;
}

PyObject *
profiler_write_message(struct profiler *profiler, PyObject *message)
{
	return write_text(profiler, "write_message_to_log", message, false);
}

PyObject *
profiler_write_line(struct profiler *profiler, PyObject *message)
{
	return write_text(profiler, "write_to_log", message, true);
}

PyObject *
profiler_path(struct profiler *profiler)
{
	if (profiler->entered)
		profiler_log_inherited(profiler);
	if (profiler->log.file.path != NULL)
		return PyUnicode_DecodeFSDefault(profiler->log.file.path);
	if (profiler->options.log.filepath != NULL)
		return PyUnicode_DecodeFSDefault(
			profiler->options.log.filepath);
	Py_RETURN_NONE;
}

uint64_t
profiler_number(const uint64_t *number)
{
	uint64_t value;

	events_lock_without_gil();
	value = *number;
	events_unlock_without_gil();
	return value;
}
