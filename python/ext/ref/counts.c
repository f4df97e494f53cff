/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/counts.h"

#include <stdlib.h>
#include <string.h>

#include "module/threads.h"

/* A copy: making the dict makes objects, and they change the original. */
struct count {
	char *name;
	int64_t live;
};

static struct count *
copy_counts(struct ref_session *session, size_t *size)
{
	struct typecache *types = &session->types;
	struct count *counts;
	size_t n = 0;

	events_lock();
	ref_session_sweep(session, PyThreadState_GetUnchecked());
	counts = calloc(types->count + 1, sizeof(*counts));
	for (size_t i = 0; counts != NULL && types->slot != NULL &&
	     i <= types->mask; i++) {
		struct known_type *known = types->slot[i];

		if (known == NULL || !known->wanted)
			continue;
		counts[n].name = strdup(known->name);
		counts[n].live = known->live;
		n += counts[n].name != NULL;
	}
	events_unlock();
	*size = n;
	return counts;
}

/* Classes of one name are one entry. */
static int
add_count(PyObject *dict, const struct count *count)
{
	PyObject *name, *sum = NULL, *had;
	long long live = count->live;
	int err = -1;

	name = PyUnicode_DecodeUTF8(count->name,
				    (Py_ssize_t)strlen(count->name),
				    "surrogateescape");
	if (name == NULL)
		return -1;
	had = PyDict_GetItemWithError(dict, name);
	if (had != NULL)
		live += PyLong_AsLongLong(had);
	if (!PyErr_Occurred())
		sum = PyLong_FromLongLong(live);
	if (sum != NULL)
		err = PyDict_SetItem(dict, name, sum);
	Py_DECREF(name);
	Py_XDECREF(sum);
	return err;
}

PyObject *
ref_live_object_counts(struct ref_session *session)
{
	size_t size;
	struct count *counts = copy_counts(session, &size);
	PyObject *dict;
	int err = 0;

	if (counts == NULL)
		return PyErr_NoMemory();
	dict = PyDict_New();
	for (size_t i = 0; i < size; i++) {
		if (dict != NULL && err == 0)
			err = add_count(dict, &counts[i]);
		free(counts[i].name);
	}
	free(counts);
	if (err < 0)
		Py_CLEAR(dict);
	return dict;
}
