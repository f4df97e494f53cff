/* SPDX-License-Identifier: MIT */
/*
 * cMemLeak - objects that hold memory of a known size and kind, and functions
 * that make them leak on purpose: something to try the tools on.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>

/* One way of getting memory, and the type whose objects hold it. */
struct kind {
	const char *name;
	void *(*allocate)(size_t);
	void (*release)(void *);
};

enum { KIND_MALLOC, KIND_RAW, KIND_MEM, KIND_OBJECT };

static const struct kind kinds[] = {
	[KIND_MALLOC] = { "CMalloc", malloc, free },
	[KIND_RAW] = { "PyRawMalloc", PyMem_RawMalloc, PyMem_RawFree },
	[KIND_MEM] = { "PyMalloc", PyMem_Malloc, PyMem_Free },
	[KIND_OBJECT] = { "PyObjectMalloc", PyObject_Malloc, PyObject_Free },
};

struct holder {
	PyObject_HEAD
	const struct kind *kind;
	void *buffer;
	Py_ssize_t size;
};

static PyObject *
holder_new(PyTypeObject *type, PyObject *args, PyObject *kwds,
	   const struct kind *kind)
{
	static char *names[] = { (char *)"size", NULL };
	struct holder *self;
	Py_ssize_t size;

	if (!PyArg_ParseTupleAndKeywords(args, kwds, "n", names, &size))
		return NULL;
	if (size < 0) {
		PyErr_Format(PyExc_ValueError,
			     "size must not be negative, as %zd is", size);
		return NULL;
	}
	self = (struct holder *)type->tp_alloc(type, 0);
	if (self == NULL)
		return NULL;
	self->kind = kind;
	self->size = size == 0 ? 1 : size;
	/* Not written to: it takes address space, but no memory yet. */
	self->buffer = kind->allocate((size_t)self->size);
	if (self->buffer == NULL) {
		Py_DECREF(self);
		return PyErr_NoMemory();
	}
	return (PyObject *)self;
}

static PyObject *
malloc_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
	return holder_new(type, args, kwds, &kinds[KIND_MALLOC]);
}

static PyObject *
raw_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
	return holder_new(type, args, kwds, &kinds[KIND_RAW]);
}

static PyObject *
mem_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
	return holder_new(type, args, kwds, &kinds[KIND_MEM]);
}

static PyObject *
object_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
	return holder_new(type, args, kwds, &kinds[KIND_OBJECT]);
}

static void
holder_dealloc(struct holder *self)
{
	PyTypeObject *type = Py_TYPE(self);

	if (self->buffer != NULL)
		self->kind->release(self->buffer);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *
get_size(struct holder *self, void *Py_UNUSED(closure))
{
	return PyLong_FromSsize_t(self->size);
}

static PyObject *
get_buffer(struct holder *self, void *Py_UNUSED(closure))
{
	return PyLong_FromVoidPtr(self->buffer);
}

static PyGetSetDef holder_getset[] = {
	{ "size", (getter)get_size, NULL, "Bytes held, at least 1.", NULL },
	{ "buffer", (getter)get_buffer, NULL, "Their address.", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static PyObject *
refcnt(PyObject *self, PyObject *Py_UNUSED(args))
{
	return PyLong_FromSsize_t(Py_REFCNT(self));
}

static PyObject *
inc_refcnt(PyObject *self, PyObject *argument)
{
	Py_ssize_t change = PyLong_AsSsize_t(argument);

	if (change == -1 && PyErr_Occurred())
		return NULL;
	if (change < 0 && Py_REFCNT(self) + change < 1) {
		PyErr_Format(PyExc_ValueError,
			     "no object can have %zd references while in use",
			     Py_REFCNT(self) + change);
		return NULL;
	}
	for (; change > 0; change--)
		Py_INCREF(self);
	for (; change < 0; change++)
		Py_DECREF(self);
	return PyLong_FromSsize_t(Py_REFCNT(self));
}

static PyMethodDef holder_methods[] = {
	{ "refcnt", refcnt, METH_NOARGS, "refcnt()\n--\n\n"
	  "The number of references to this object." },
	{ "inc_refcnt", inc_refcnt, METH_O, "inc_refcnt(n)\n--\n\n"
	  "Add n references, which nobody will ever release: a leak.\n"
	  "A negative n takes references away.  Returns the new number." },
	{ NULL, NULL, 0, NULL },
};

static PyObject *
py_incref(PyObject *Py_UNUSED(module), PyObject *object)
{
	Py_INCREF(object);
	Py_RETURN_NONE;
}

static PyObject *
py_decref(PyObject *Py_UNUSED(module), PyObject *object)
{
	Py_DECREF(object);
	Py_RETURN_NONE;
}

static PyObject *
py_refcnt_of_object(PyObject *Py_UNUSED(module), PyObject *object)
{
	return PyLong_FromSsize_t(Py_REFCNT(object));
}

static PyObject *
py_refcnt_of_address(PyObject *Py_UNUSED(module), PyObject *argument)
{
	PyObject *object = PyLong_AsVoidPtr(argument);
	Py_ssize_t count;

	if (object == NULL) {
		if (!PyErr_Occurred())
			PyErr_SetString(PyExc_ValueError,
					"there is no object at 0");
		return NULL;
	}
	/* Held for the call, as an argument is: all counts here compare. */
	Py_INCREF(object);
	count = Py_REFCNT(object);
	Py_DECREF(object);
	return PyLong_FromSsize_t(count);
}

static PyObject *
py_bytes_of_size(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwds)
{
	static char *names[] = { (char *)"size", NULL };
	Py_ssize_t size;

	if (!PyArg_ParseTupleAndKeywords(args, kwds, "n", names, &size))
		return NULL;
	if (size < 0) {
		PyErr_Format(PyExc_ValueError,
			     "size must not be negative, as %zd is", size);
		return NULL;
	}
	return PyBytes_FromStringAndSize(NULL, size);
}

static PyMethodDef functions[] = {
	{ "py_incref", py_incref, METH_O, "py_incref(object)\n--\n\n"
	  "Add a reference, which leaks the object." },
	{ "py_decref", py_decref, METH_O, "py_decref(object)\n--\n\n"
	  "Take a reference away: one too many ends in a crash." },
	{ "py_refcnt_of_object", py_refcnt_of_object, METH_O,
	  "py_refcnt_of_object(object)\n--\n\n"
	  "The number of references to an object, as sys.getrefcount()." },
	{ "py_refcnt_of_address", py_refcnt_of_address, METH_O,
	  "py_refcnt_of_address(address)\n--\n\n"
	  "The same of the object at an address, as id() gives it.\n"
	  "What is there must be an object, or was one: else this crashes." },
	{ "py_bytes_of_size", (PyCFunction)(void (*)(void))py_bytes_of_size,
	  METH_VARARGS | METH_KEYWORDS, "py_bytes_of_size(size)\n--\n\n"
	  "New bytes of this size, with whatever was in that memory." },
	{ NULL, NULL, 0, NULL },
};

static int
add_type(PyObject *module, const struct kind *kind, newfunc new)
{
	char name[64];
	PyType_Slot slots[] = {
		{ Py_tp_new, (void *)new },
		{ Py_tp_dealloc, (void *)holder_dealloc },
		{ Py_tp_getset, holder_getset },
		{ Py_tp_methods, holder_methods },
		{ Py_tp_doc, (void *)"Holds memory until it is destroyed." },
		{ 0, NULL },
	};
	PyType_Spec spec = {
		.name = name,
		.basicsize = sizeof(struct holder),
		.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
		.slots = slots,
	};
	PyObject *type;

	snprintf(name, sizeof(name), "cMemLeak.%s", kind->name);
	type = PyType_FromSpec(&spec);
	if (type == NULL)
		return -1;
	if (PyModule_AddObject(module, kind->name, type) < 0) {
		Py_DECREF(type);
		return -1;
	}
	return 0;
}

static int
add_types(PyObject *module)
{
	if (add_type(module, &kinds[KIND_MALLOC], malloc_new) < 0 ||
	    add_type(module, &kinds[KIND_RAW], raw_new) < 0 ||
	    add_type(module, &kinds[KIND_MEM], mem_new) < 0 ||
	    add_type(module, &kinds[KIND_OBJECT], object_new) < 0)
		return -1;
	return 0;
}

static PyModuleDef_Slot module_slots[] = {
	{ Py_mod_exec, (void *)add_types },
#ifdef Py_mod_gil
	{ Py_mod_gil, Py_MOD_GIL_NOT_USED },
#endif
	{ 0, NULL },
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "cMemLeak",
	.m_doc = "Objects that hold memory, and can leak it on purpose.",
	.m_methods = functions,
	.m_slots = module_slots,
};

/* Python 3.8's PyMODINIT_FUNC does not undo -fvisibility=hidden. */
__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit_cMemLeak(void);

PyMODINIT_FUNC
PyInit_cMemLeak(void)
{
	return PyModuleDef_Init(&definition);
}
