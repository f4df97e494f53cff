/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/askers.h"

#include "heap/holders.h"
#include "heap/walk.h"
#include "module/pmtmodule.h"

#if COMPAT_HEAP

#include "heap/group.h"

/* Ways that are told, at most. */
enum { WAYS = 20 };

static PyTypeObject *holder_type;	/* made once, with the module */

static PyStructSequence_Field fields[] = {
	{ "count", "how many of the objects are held this way" },
	{ "kind", "module, type, thread, interpreter, frame, C code, leaked or "
		  "garbage" },
	{ "path", "from the root to the objects, [*] and {*} for any item" },
	{ "example", "the path to one of them, with its index" },
	{ "length", "of the nearest list, dict or set on the path, or 0" },
	{ NULL, NULL },
};

static PyStructSequence_Desc description = {
	"pmt.Holder", "One way in which objects are held.", fields, 5,
};

static PyObject *
decode(const char *text, size_t length)
{
	return PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace");
}

static PyObject *
new_holder(const struct heap_group *group, const struct pmt_holding *holding)
{
	const struct pmt_paths *paths = &group->paths;
	PyObject *holder = PyStructSequence_New(holder_type);
	char path[4096], example[4096];
	size_t length;

	if (holder == NULL)
		return NULL;
	length = pmt_holding_text(paths, holding, path, sizeof(path));
	PyStructSequence_SetItem(holder, 0, PyLong_FromLong(holding->count));
	PyStructSequence_SetItem(holder, 1,
		PyUnicode_FromString(heap_group_kind(group, holding)));
	PyStructSequence_SetItem(holder, 2, decode(path, length));
	if (holding->way != 0)
		length = pmt_path_text(paths, holding->example, example,
				       sizeof(example));
	PyStructSequence_SetItem(holder, 3, holding->way == 0
				 ? decode(path, length)
				 : decode(example, length));
	PyStructSequence_SetItem(holder, 4, PyLong_FromLong(holding->length));
	if (PyErr_Occurred())
		Py_CLEAR(holder);
	return holder;
}

static PyObject *
new_list(const struct heap_group *group)
{
	struct pmt_holding holding[WAYS];
	uint32_t count = WAYS;
	PyObject *list;

	if (heap_group_holders(group, holding, &count) < 0)
		return PyErr_NoMemory();
	list = PyList_New(0);
	for (uint32_t i = 0; i < count && list != NULL; i++) {
		PyObject *holder = new_holder(group, &holding[i]);

		if (holder == NULL || PyList_Append(list, holder) < 0)
			Py_CLEAR(list);
		Py_XDECREF(holder);
	}
	return list;
}

/* No Python code runs between the walk and the last use of an address. */
static PyObject *
answer(PyObject *asked, PyObject *items)
{
	struct heap_group group;
	PyObject *list = NULL;
	int err = items == NULL
		? heap_group_of_type(&group, (PyTypeObject *)asked)
		: heap_group_of_objects(&group, asked, items);

	if (err < 0)
		return PyErr_NoMemory();
	list = new_list(&group);
	heap_group_fini(&group);
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
			"CPython 3.8 to 3.13 with its GIL, not on this one");
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
