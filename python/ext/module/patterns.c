/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/patterns.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "module/utf8.h"

static int
add_pattern(struct patterns *patterns, PyObject *item, const char *argument)
{
	char **more, *text;
	size_t size;

	if (!PyUnicode_Check(item)) {
		PyErr_Format(PyExc_TypeError, "%s must hold str, not %.200s",
			     argument, Py_TYPE(item)->tp_name);
		return -1;
	}
	more = realloc(patterns->pattern,
		       (patterns->count + 1) * sizeof(*more));
	if (more == NULL)
		goto no_memory;
	patterns->pattern = more;
	text = utf8_from_str(item, &size);
	if (text == NULL)
		goto no_memory;
	patterns->pattern[patterns->count++] = text;
	return 0;
no_memory:
	PyErr_NoMemory();
	return -1;
}

int
patterns_init(struct patterns *patterns, PyObject *list, const char *argument)
{
	PyObject *iterator, *item;
	int err = 0;

	memset(patterns, 0, sizeof(*patterns));
	if (list == NULL || list == Py_None)
		return 0;
	/* One name alone is a mistake: its letters would be the patterns. */
	iterator = PyUnicode_Check(list) || PyBytes_Check(list)
			   ? NULL : PyObject_GetIter(list);
	if (iterator == NULL) {
		if (!PyErr_Occurred() ||
		    PyErr_ExceptionMatches(PyExc_TypeError))
			PyErr_Format(PyExc_TypeError,
				     "%s must be an iterable of str, "
				     "not %.200s", argument,
				     Py_TYPE(list)->tp_name);
		return -1;
	}
	patterns->given = true;
	while (err == 0 && (item = PyIter_Next(iterator)) != NULL) {
		err = add_pattern(patterns, item, argument);
		Py_DECREF(item);
	}
	Py_DECREF(iterator);
	if (err == 0 && PyErr_Occurred())
		err = -1;
	if (err < 0)
		patterns_fini(patterns);
	return err;
}

void
patterns_fini(struct patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		free(patterns->pattern[i]);
	free(patterns->pattern);
	memset(patterns, 0, sizeof(*patterns));
}

bool
patterns_match(const struct patterns *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (strcmp(patterns->pattern[i], name) == 0 ||
		    fnmatch(patterns->pattern[i], name, 0) == 0)
			return true;
	}
	return false;
}
