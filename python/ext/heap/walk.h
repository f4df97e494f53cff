/* SPDX-License-Identifier: MIT */
/* walk.h - how is the graph of all living objects made? */
#ifndef PMT_HEAP_WALK_H
#define PMT_HEAP_WALK_H

#include "heap/graph.h"
#include "module/compat_frames.h"

/*
 * One pass over the lists of the garbage collector and all that its objects
 * refer to.  No Python object is made, no Python code runs, malloc(3) is not
 * called, no reference count changes: it is done in a child (child.h), where no
 * address goes stale.
 */
struct heap_walk {
	struct pmt_heap *heap;
	PyInterpreterState *interp;
};

/*
 * Walk all into HEAP, which is uninitialised and then the caller's to fini.
 * Returns 0 or -ENOMEM.
 */
int heap_walk(struct pmt_heap *heap) PMT_MUST_CHECK;

/* The parts; OBJECT may be NULL everywhere, and then nothing happens. */

/* A reference of the node that is walked now to OBJECT. */
void heap_walk_edge(struct heap_walk *walk, PyObject *object, uint32_t label);

/* The one just drawn, to OBJECT, is not counted by it. */
void heap_walk_uncount(struct heap_walk *walk, PyObject *object);

/* Write the edge of it that leads to OBJECT as LABEL. */
void heap_walk_label(struct heap_walk *walk, PyObject *object, uint32_t label);

/* The label for NAME, a str. */
uint32_t heap_walk_name(struct heap_walk *walk, PyObject *name,
			unsigned int kind);

/* The label for an attribute of that name. */
uint32_t heap_walk_attribute(struct heap_walk *walk, const char *name);

/* The edges, type and size of the object of node heap->walked. */
void heap_walk_object(struct heap_walk *walk, PyObject *object);

/* The names of those edges, after tp_traverse drew them. */
void heap_walk_names(struct heap_walk *walk, PyObject *object);

/* What holds objects from outside: modules, interpreter, threads, frames. */
void heap_walk_roots(struct heap_walk *walk);

/* Objects that only the stacks of running frames have; once all is counted. */
void heap_walk_stacks(struct heap_walk *walk);

/* "serve() app/main.py:29" */
size_t heap_frame_title(compat_frame_t *frame, char *text, size_t size);

/* The edges of a running frame, node heap->walked. */
void heap_walk_frame(struct heap_walk *walk, compat_frame_t *frame);

/* The edges of an array of NumPy, which node heap->walked may be. */
void heap_walk_array(struct heap_walk *walk, PyObject *object);

/* Its bytes beside the object itself, as far as they are its own; or 0. */
size_t heap_array_size(PyObject *object);

/* The variables of a frame that rests in OBJECT get their names. */
void heap_walk_frame_names(struct heap_walk *walk, PyObject *object);

/* What sys.getsizeof() would say, or the type's share where nobody knows. */
size_t heap_walk_size(PyObject *object);

#endif
