/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/counts.h"

#include <stdlib.h>
#include <string.h>

#include "module/threads.h"

/*
 * A copy: making the dict makes objects, and they change the original.  Behind
 * the counts are the names, one behind the other in their order.
 */
struct counts {
	size_t size;
	int64_t live[];
};

static bool
is_counted(const struct known_type *known)
{
	return known != NULL && known->wanted;
}

static size_t
size_of_names(const struct typecache *types)
{
	size_t size = 0;

	for (size_t i = 0; i <= types->mask; i++) {
		if (is_counted(types->slot[i]))
			size += strlen(types->slot[i]->name) + 1;
	}
	return size;
}

static struct counts *
copy_types(const struct typecache *types, char **names)
{
	struct counts *counts;
	char *name;

	counts = malloc(sizeof(*counts) + types->count * sizeof(int64_t) +
			size_of_names(types));
	if (counts == NULL)
		return NULL;
	counts->size = 0;
	*names = name = (char *)&counts->live[types->count];
	for (size_t i = 0; i <= types->mask; i++) {
		if (!is_counted(types->slot[i]))
			continue;
		counts->live[counts->size++] = types->slot[i]->live;
		name = stpcpy(name, types->slot[i]->name) + 1;
	}
	return counts;
}

/* Classes of one name are one entry. */
static int
add_count(PyObject *dict, const char *text, size_t size, int64_t live)
{
	PyObject *name, *count, *had = NULL;
	int err = -1;

	name = PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, "surrogateescape");
	count = PyLong_FromLongLong(live);
	if (name != NULL && count != NULL)
		had = PyDict_GetItemWithError(dict, name);
	if (had != NULL)
		Py_SETREF(count, PyNumber_Add(had, count));
	if (count != NULL && !PyErr_Occurred())
		err = PyDict_SetItem(dict, name, count);
	Py_XDECREF(name);
	Py_XDECREF(count);
	return err;
}

PyObject *
ref_live_object_counts(struct ref_session *session)
{
	struct counts *counts;
	PyObject *dict;
	char *name;
	int err = 0;

	if (session->types.slot == NULL)
		return PyDict_New();
	events_lock();
	ref_session_sweep(session, PyThreadState_GetUnchecked());
	counts = copy_types(&session->types, &name);
	events_unlock();
	if (counts == NULL)
		return PyErr_NoMemory();
	dict = PyDict_New();
	for (size_t i = 0; dict != NULL && err == 0 && i < counts->size; i++) {
		size_t size = strlen(name);

		err = add_count(dict, name, size, counts->live[i]);
		name += size + 1;
	}
	free(counts);
	if (err < 0)
		Py_CLEAR(dict);
	return dict;
}
