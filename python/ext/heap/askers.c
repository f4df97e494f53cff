/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/askers.h"

#include "heap/holders.h"
#include "heap/walk.h"
#include "module/pmtmodule.h"

#if COMPAT_HEAP

#include "heap/child.h"
#include "heap/group.h"
#include "heap/lines.h"

/* Ways that are told, at most. */
enum { WAYS = 20, TEXT = 4096, SECONDS = 60 };

static PyTypeObject *holder_type;	/* made once, with the module */

static PyStructSequence_Field fields[] = {
	{ "count", "how many of the objects are held this way" },
	{ "kind", "module, type, thread, interpreter, frame, C code, leaked or "
		  "garbage" },
	{ "path", "from the root to the objects, [*] and {*} for any item" },
	{ "example", "the path to one of them, with its index" },
	{ "length", "of the list, dict or set on the path whose length is "
		    "nearest to the count, or 0" },
	{ NULL, NULL },
};

static PyStructSequence_Desc description = {
	"pmt.Holder", "One way in which objects are held.", fields, 5,
};

/* Whom the child is asked about, and where it puts its lines. */
struct job {
	PyObject *asked, *items;	/* ITEMS is NULL: ASKED is a type */
	struct heap_lines lines;
};

static void
put_holder(struct job *job, const struct heap_group *group,
	   const struct pmt_holding *holding)
{
	const struct pmt_paths *paths = &group->paths;
	char path[TEXT], example[TEXT];

	pmt_holding_text(paths, holding, path, sizeof(path));
	if (holding->way != 0)
		pmt_path_text(paths, holding->example, example,
			      sizeof(example));
	heap_lines_put(&job->lines, "%u\n%s\n%s\n%s\n%u\n", holding->count,
		       heap_group_kind(group, holding), path,
		       holding->way != 0 ? example : path, holding->length);
}

static int
find_holders(void *arg)
{
	struct pmt_holding holding[WAYS];
	struct job *job = arg;
	struct heap_group group;
	uint32_t count = WAYS;
	int err = job->items == NULL
		? heap_group_of_type(&group, (PyTypeObject *)job->asked)
		: heap_group_of_objects(&group, job->asked, job->items);

	if (err == 0)
		err = heap_group_holders(&group, 0, group.count,
					 holding, &count);
	for (uint32_t i = 0; i < count && err == 0; i++)
		put_holder(job, &group, &holding[i]);
	return err;
}

static PyObject *
next_holder(struct heap_lines *lines)
{
	PyObject *holder = PyStructSequence_New(holder_type);

	if (holder == NULL)
		return NULL;
	PyStructSequence_SetItem(holder, 0, heap_lines_number(lines));
	PyStructSequence_SetItem(holder, 1, heap_lines_text(lines));
	PyStructSequence_SetItem(holder, 2, heap_lines_text(lines));
	PyStructSequence_SetItem(holder, 3, heap_lines_text(lines));
	PyStructSequence_SetItem(holder, 4, heap_lines_number(lines));
	if (PyErr_Occurred())
		Py_CLEAR(holder);
	return holder;
}

/* A child looks: nobody can free an object meanwhile, nor make another. */
static PyObject *
answer(PyObject *asked, PyObject *items)
{
	struct job job = { .asked = asked, .items = items };
	PyObject *list;
	int err = heap_lines_begin(&job.lines);

	if (err < 0)
		return PyErr_NoMemory();
	err = heap_child_run(find_holders, &job, SECONDS);
	if (err < 0)
		heap_child_raise(err, NULL);
	list = err < 0 ? NULL : heap_lines_list(&job.lines, next_holder);
	heap_lines_end(&job.lines);
	return list;
}

PyObject *
heap_holders(PyObject *module, PyObject *asked)
{
	PyObject *items, *list;

	(void)module;
	if (PyType_Check(asked))
		return answer(asked, NULL);
	items = PySequence_Fast(asked, "holders() takes a type or an iterable "
				       "of objects");
	if (items == NULL)
		return NULL;
	list = answer(asked, items);
	Py_DECREF(items);
	return list;
}

int
heap_holders_init(PyObject *module)
{
	if (holder_type == NULL)
		holder_type = PyStructSequence_NewType(&description);
	if (holder_type == NULL)
		return -1;
	Py_INCREF(holder_type);
	if (PyModule_AddObject(module, "Holder", (PyObject *)holder_type) == 0)
		return 0;
	Py_DECREF(holder_type);
	return -1;
}

#else

PyObject *
heap_holders(PyObject *module, PyObject *asked)
{
	(void)module;
	(void)asked;
	PyErr_SetString(PyExc_NotImplementedError, "the heap can be walked on "
			"CPython 3.8 to 3.15, not on this one");
	return NULL;
}

int
heap_holders_init(PyObject *module)
{
	Py_INCREF(Py_None);
	return PyModule_AddObject(module, "Holder", Py_None);
}

#endif

const char heap_holders_doc[] =
"holders(type_or_objects) -> list of Holder\n\n"
"Who keeps these objects alive: all objects of exactly this type, or those of\n"
"an iterable.  Each Holder is one way in which some are held, with the number\n"
"of them; those of most objects come first.  See pmt(3).";
