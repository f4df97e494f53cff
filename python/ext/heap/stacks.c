/* SPDX-License-Identifier: MIT */
/* stacks.c - which objects have no other name than a place on a stack? */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include <string.h>

#include "heap/text.h"

#if COMPAT_FRAME_IS_OBJECT

/* Only its variables are known. */
void
heap_walk_stacks(struct heap_walk *walk)
{
	(void)walk;
}

#else

/* Whoever has more that nobody accounts for has them by other means. */
enum { MOST_REFERENCES = 8 };

/*
 * A frame that runs does not tell how far its stack is filled, and what stands
 * above that may be old.  But an object that has more references than any other
 * accounts for, and stands there, is the list of a comprehension, the argument
 * of a call: nothing that C code lost.
 */
static bool
is_temporary(const struct pmt_heap *heap, uint32_t node, PyObject *object)
{
	if (node == PMT_NO_NODE || heap->spare[node] <= 0 ||
	    heap->spare[node] > MOST_REFERENCES)
		return false;
	/* The frame of one that runs is there itself. */
	return !PyGen_Check(object) && !PyCoro_CheckExact(object) &&
	       !PyAsyncGen_CheckExact(object);
}

/* Named like other slots of a frame that have no name. */
static void
add_temporary(struct heap_walk *walk, compat_frame_t *frame, PyObject *object)
{
	static const char slot[] = "<frame>";
	struct pmt_heap *heap = walk->heap;
	uint32_t node = pmt_heap_find(heap, (uintptr_t)object);
	char text[2 * HEAP_NAME_SIZE + sizeof(slot)];
	size_t length;

	if (!is_temporary(heap, node, object))
		return;
	heap->spare[node]--;
	length = heap_frame_title(frame, text, 2 * HEAP_NAME_SIZE);
	memcpy(text + length, slot, sizeof(slot));
	pmt_heap_root(heap, node, PMT_ROOT_FRAME, text,
		      length + sizeof(slot) - 1);
}

static void
walk_stack(struct heap_walk *walk, compat_frame_t *frame)
{
	int end = compat_stack_end(frame);

	for (int i = compat_slots(frame); i < end; i++) {
		PyObject *object = compat_slot(frame, i);

		if (object != NULL)
			add_temporary(walk, frame, object);
	}
}

void
heap_walk_stacks(struct heap_walk *walk)
{
	PyThreadState *tstate = PyInterpreterState_ThreadHead(walk->interp);

	for (; tstate != NULL; tstate = PyThreadState_Next(tstate))
		for (compat_frame_t *frame = compat_first_frame(tstate);
		     frame != NULL; frame = compat_next_frame(frame))
			if (compat_is_python(frame))
				walk_stack(walk, frame);
}

#endif

#endif
