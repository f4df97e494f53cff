/* SPDX-License-Identifier: MIT */
/* The references and bytes of an array of NumPy, which has no tp_traverse. */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include <string.h>

/*
 * PyArrayObject_fields and PyArray_Descr of numpy/ndarraytypes.h, up to what is
 * read here: the same from NumPy 1.7 to 2.
 */
struct dtype {
	PyObject ob_base;
	PyTypeObject *typeobj;
	char kind, type, byteorder, flags;
	int type_num;
};

struct array {
	PyObject ob_base;
	char *data;
	int nd;
	Py_ssize_t *dimensions;
	Py_ssize_t *strides;	/* bytes */
	PyObject *base;		/* whose memory a view shows */
	struct dtype *descr;
	int flags;
};

enum {
	CONTIGUOUS = 1 | 2,	/* as C or as Fortran has it */
	OWNS_DATA = 4,
	OBJECT_TYPE = 17,
	MOST_DIMENSIONS = 64,
};

static const struct array *
array_from(PyObject *object)
{
	const struct array *array = (const struct array *)object;
	PyTypeObject *type = Py_TYPE(object);

	if (type->tp_basicsize < (Py_ssize_t)sizeof(*array))
		return NULL;
	while (type->tp_base != NULL && type->tp_base != &PyBaseObject_Type)
		type = type->tp_base;
	if (type->tp_flags & Py_TPFLAGS_HEAPTYPE ||
	    strcmp(type->tp_name, "numpy.ndarray") != 0 ||
	    array->nd < 0 || array->nd > MOST_DIMENSIONS)
		return NULL;
	return array;
}

static bool
has_objects(const struct array *array)
{
	return array->descr != NULL && array->descr->type_num == OBJECT_TYPE;
}

/* The widest dimension reaches over all the others. */
static size_t
data_size(const struct array *array)
{
	Py_ssize_t most = 0;

	/* One item, whose size we know of these. */
	if (array->nd == 0 && has_objects(array))
		return sizeof(PyObject *);
	for (int i = 0; i < array->nd; i++) {
		Py_ssize_t size = array->dimensions[i] * array->strides[i];

		if (array->dimensions[i] == 0)
			return 0;
		most = Py_MAX(most, Py_ABS(size));
	}
	return (size_t)most;
}

void
heap_walk_array(struct heap_walk *walk, PyObject *object)
{
	const struct array *array = array_from(object);
	PyObject **item;
	size_t count;

	if (array == NULL)
		return;
	heap_walk_edge(walk, array->base, heap_walk_attribute(walk, "base"));
	heap_walk_edge(walk, (PyObject *)array->descr,
		       heap_walk_attribute(walk, "dtype"));
	/* A view's items are those of its base. */
	if (!has_objects(array) || !(array->flags & OWNS_DATA) ||
	    !(array->flags & CONTIGUOUS))
		return;
	item = (PyObject **)(void *)array->data;
	count = data_size(array) / sizeof(*item);
	for (size_t i = 0; i < count; i++)
		heap_walk_edge(walk, item[i], PMT_EDGE_ITEM);
}

size_t
heap_array_size(PyObject *object)
{
	const struct array *array = array_from(object);

	if (array == NULL)
		return 0;
	return (size_t)array->nd * 2 * sizeof(Py_ssize_t) +
	       (array->flags & OWNS_DATA ? data_size(array) : 0);
}

#endif
