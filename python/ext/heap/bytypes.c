/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/bytypes.h"

#include "heap/walk.h"
#include "module/pmtmodule.h"

const char heap_type_holders_doc[] =
"_type_holders(names) -> list of (name, count, kind, path, length)\n\n"
"holders() of all objects of each of these types, named as reference logs do,\n"
"found by a child of the process; an empty list if that failed.";

#if COMPAT_HEAP

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "heap/child.h"
#include "heap/group.h"

enum { ROOM = 1 << 16, WAYS = 3, PATH = 1024, SECONDS = 60 };

/* What the child was given, and where it puts its lines. */
struct job {
	const char *const *name;	/* borrowed from the str objects */
	Py_ssize_t count;
	char *lines;		/* ROOM bytes that both see, zeroes at first */
};

static void
put_lines(struct job *job, size_t *used, const struct heap_group *group,
	  const char *name)
{
	struct pmt_holding holding[WAYS];
	uint32_t ways = WAYS;
	char path[PATH];

	if (heap_group_holders(group, holding, &ways) < 0)
		return;
	for (uint32_t i = 0; i < ways; i++) {
		int n;

		pmt_holding_text(&group->paths, &holding[i], path,
				 sizeof(path));
		n = snprintf(job->lines + *used, ROOM - *used,
			     "%s\n%u\n%s\n%s\n%u\n", name, holding[i].count,
			     heap_group_kind(group, &holding[i]), path,
			     holding[i].length);
		if (n < 0 || (size_t)n >= ROOM - *used) {
			job->lines[*used] = '\0';
			return;
		}
		*used += (size_t)n;
	}
}

static int
find_holders(void *arg)
{
	struct job *job = arg;
	struct heap_group group;
	size_t used = 0;
	int err = heap_group_of_all(&group);

	for (Py_ssize_t i = 0; i < job->count && err == 0; i++) {
		err = heap_group_choose(&group, job->name[i]);
		if (err == 0)
			put_lines(job, &used, &group, job->name[i]);
	}
	return err;
}

/* One line of TEXT, which moves on, as a str. */
static PyObject *
next_line(const char **text)
{
	const char *line = *text, *end = strchr(line, '\n');

	*text = end + 1;
	return PyUnicode_DecodeUTF8(line, end - line, "replace");
}

static PyObject *
next_number(const char **text)
{
	long number = strtol(*text, NULL, 10);

	*text = strchr(*text, '\n') + 1;
	return PyLong_FromLong(number);
}

static PyObject *
parse(const char *text)
{
	PyObject *list = PyList_New(0);

	while (list != NULL && *text != '\0') {
		PyObject *name = next_line(&text);
		PyObject *count = next_number(&text);
		PyObject *kind = next_line(&text);
		PyObject *path = next_line(&text);
		PyObject *length = next_number(&text);
		PyObject *row = Py_BuildValue("(NNNNN)", name, count, kind,
					      path, length);

		if (row == NULL || PyList_Append(list, row) < 0)
			Py_CLEAR(list);
		Py_XDECREF(row);
	}
	return list;
}

PyObject *
heap_type_holders(PyObject *module, PyObject *names)
{
	enum { MOST = 16 };
	const char *name[MOST];
	struct job job = { .name = name };
	PyObject *list;

	(void)module;
	if (!PyList_Check(names)) {
		PyErr_SetString(PyExc_TypeError, "_type_holders(): a list");
		return NULL;
	}
	job.count = Py_MIN(PyList_GET_SIZE(names), MOST);
	for (Py_ssize_t i = 0; i < job.count; i++) {
		name[i] = PyUnicode_AsUTF8(PyList_GET_ITEM(names, i));
		if (name[i] == NULL)
			return NULL;
	}
	job.lines = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.lines == MAP_FAILED)
		return PyErr_NoMemory();
	list = heap_child_run(find_holders, &job, SECONDS) == 0
		       ? parse(job.lines) : PyList_New(0);
	munmap(job.lines, ROOM);
	return list;
}

#else

PyObject *
heap_type_holders(PyObject *module, PyObject *names)
{
	(void)module;
	(void)names;
	return PyList_New(0);
}

#endif
