/* SPDX-License-Identifier: MIT */
/* What holds objects from outside, and under what name. */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "heap/text.h"

enum { MODULE_RANKS = 8 };

/* Those of one kind; the references are counted if they are its own. */
struct roots {
	struct heap_walk *walk;
	enum pmt_root_kind kind;
};

static void
add_root(PyObject *object, const char *name, void *arg)
{
	struct roots *roots = arg;
	struct pmt_heap *heap = roots->walk->heap;
	uint32_t node;

	if (object == NULL)
		return;
	node = pmt_heap_add(heap, (uintptr_t)object);
	if (node == PMT_NO_NODE)
		return;
	heap->spare[node]--;
	if (name != NULL)
		pmt_heap_root(heap, node, roots->kind, name, strlen(name));
}

/*
 * How well the name of a module says where things are: those nearer to the top
 * of their package first, then those that are no part of others' insides.
 */
static unsigned int
module_rank(const char *name)
{
	unsigned int rank = name[0] == '_' && strcmp(name, "__main__") != 0;

	for (; *name != '\0'; name++)
		rank += (name[0] == '.') + (name[0] == '.' && name[1] == '_');
	return rank < MODULE_RANKS ? rank : MODULE_RANKS - 1;
}

/* sys.modules refers to them: no reference of ours. */
static void
add_modules(struct heap_walk *walk, unsigned int rank)
{
	PyObject *modules = PyImport_GetModuleDict(), *name, *module;
	char text[HEAP_NAME_SIZE];
	Py_ssize_t pos = 0;

	while (modules != NULL && PyDict_Check(modules) &&
	       PyDict_Next(modules, &pos, &name, &module)) {
		size_t length = heap_text_of(name, text, sizeof(text));

		if (module_rank(text) == rank)
			pmt_heap_root(walk->heap,
				      pmt_heap_add(walk->heap,
						   (uintptr_t)module),
				      PMT_ROOT_MODULE, text, length);
	}
}

/* What DICT has for KEY, borrowed: a lookup might run the __eq__ of a key. */
static PyObject *
value_of(PyObject *dict, const char *key)
{
	PyObject *name, *value;
	Py_ssize_t pos = 0;

	while (dict != NULL && PyDict_Check(dict) &&
	       PyDict_Next(dict, &pos, &name, &value))
		if (PyUnicode_CheckExact(name) &&
		    PyUnicode_CompareWithASCIIString(name, key) == 0)
			return value;
	return NULL;
}

/* They stand in an array of the module _signal, which only it knows. */
static void
add_signal_handlers(struct heap_walk *walk)
{
	struct roots roots = { walk, PMT_ROOT_INTERPRETER };
	PyObject *module = value_of(PyImport_GetModuleDict(), "_signal");
	PyObject *ask = NULL;

	if (module != NULL && PyModule_Check(module))
		ask = value_of(PyModule_GetDict(module), "getsignal");
	for (int i = 1; ask != NULL && PyCFunction_Check(ask) && i < NSIG;
	     i++) {
		/* Small ints are there already. */
		PyObject *number = PyLong_FromLong(i);
		PyObject *handler = PyObject_CallFunctionObjArgs(ask, number,
								 NULL);
		char name[32];

		snprintf(name, sizeof(name), "handler of signal %d", i);
		if (handler == NULL)
			PyErr_Clear();
		else if (handler != Py_None && !PyLong_Check(handler))
			add_root(handler, name, &roots);
		Py_XDECREF(handler);
		Py_DECREF(number);
	}
}

/* The last two parts of the file's path. */
size_t
heap_frame_title(compat_frame_t *frame, char *text, size_t size)
{
	PyCodeObject *code = compat_code_of(frame);
	char file[HEAP_NAME_SIZE], function[HEAP_NAME_SIZE / 2];
	const char *tail = file;
	unsigned int slashes = 0;
	int n;

	heap_text_of(code->co_filename, file, sizeof(file));
	heap_text_of(compat_qualified_name(code), function, sizeof(function));
	for (const char *c = file + strlen(file); c > file && slashes < 2; c--)
		if (c[-1] == '/' && ++slashes == 2)
			tail = c;
	n = snprintf(text, size, "%s() %s:%d", function, tail,
		     compat_line_of(frame));
	return n < (int)size ? (size_t)n : size - 1;
}

static void
add_frame(struct heap_walk *walk, compat_frame_t *frame, bool innermost)
{
	struct pmt_heap *heap = walk->heap;
	char text[2 * HEAP_NAME_SIZE];
	size_t length = heap_frame_title(frame, text, sizeof(text));
	uint64_t address = (uintptr_t)frame;
	uint32_t node = pmt_heap_add(heap, COMPAT_FRAME_IS_OBJECT
						   ? address : address | 1);

	if (node == PMT_NO_NODE)
		return;
	if (!COMPAT_FRAME_IS_OBJECT)
		heap->marks[node] = PMT_MARK_PSEUDO;
	else if (innermost)
		heap->spare[node]--;
	pmt_heap_root(heap, node, PMT_ROOT_FRAME, text, length);
}

static void
add_thread(struct heap_walk *walk, PyThreadState *tstate)
{
	struct roots roots = { walk, PMT_ROOT_THREAD };
	bool innermost = true;

	compat_thread_parts(tstate, add_root, &roots);
	for (compat_frame_t *frame = compat_first_frame(tstate); frame != NULL;
	     frame = compat_next_frame(frame)) {
		if (compat_is_python(frame))
			add_frame(walk, frame, innermost);
		innermost = false;
	}
}

void
heap_walk_roots(struct heap_walk *walk)
{
	PyThreadState *tstate = PyInterpreterState_ThreadHead(walk->interp);
	struct roots roots = { walk, PMT_ROOT_INTERPRETER };

	for (unsigned int rank = 0; rank < MODULE_RANKS; rank++)
		add_modules(walk, rank);
	compat_interpreter_parts(walk->interp, add_root, &roots);
	add_signal_handlers(walk);
	for (; tstate != NULL; tstate = PyThreadState_Next(tstate))
		add_thread(walk, tstate);
}

#if COMPAT_FRAME_IS_OBJECT

/* It was met among the objects. */
void
heap_walk_frame(struct heap_walk *walk, compat_frame_t *frame)
{
	(void)walk;
	(void)frame;
}

#else

/* One edge of a frame that is no object. */
static void
add_part(PyObject *object, const char *name, void *arg)
{
	struct heap_walk *walk = arg;

	if (object != NULL)
		heap_walk_edge(walk, object, name == NULL ? PMT_EDGE_DICT
			       : heap_walk_attribute(walk, name));
}

void
heap_walk_frame(struct heap_walk *walk, compat_frame_t *frame)
{
	PyObject *generator = compat_generator_of(frame);
	int slots = compat_slots(frame);

	walk->heap->type[walk->heap->walked] =
		pmt_names_add(&walk->heap->names, "frame", 5);
	if (generator != NULL) {
		/* It is part of the generator, which the caller's frame has. */
		pmt_heap_edge(walk->heap,
			      pmt_heap_add(walk->heap, (uintptr_t)generator),
			      heap_walk_attribute(walk, "generator"));
		/* Its own traversal goes as far as the stack is known. */
		if (compat_is_suspended(frame))
			return;
	}
	compat_frame_parts(frame, add_part, walk);
	for (int i = 0; i < slots; i++) {
		PyObject *name = compat_slot_name(frame, i);
		PyObject *object = compat_slot(frame, i);

		if (object == NULL)
			continue;
		heap_walk_edge(walk, object, name == NULL ? PMT_EDGE_INSIDE :
			       heap_walk_name(walk, name, PMT_NAMED_LOCAL));
		if (!compat_slot_counts(frame, i))
			heap_walk_uncount(walk, object);
	}
}

#endif

void
heap_walk_frame_names(struct heap_walk *walk, PyObject *object)
{
	compat_frame_t *frame = compat_frame_in(object);
	int slots;

	heap_walk_label(walk, compat_generator_frame(object), PMT_EDGE_DICT);
	if (frame == NULL || compat_code_of(frame) == NULL)
		return;
	slots = compat_slots(frame);
	for (int i = 0; i < slots; i++) {
		PyObject *name = compat_slot_name(frame, i);
		PyObject *kept = compat_slot(frame, i);

		if (kept != NULL && name != NULL)
			heap_walk_label(walk, kept,
					heap_walk_name(walk, name,
						       PMT_NAMED_LOCAL));
	}
}

#endif
