/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include "heap/chains.h"

#include <stdio.h>

enum {
	LENGTH = 8,		/* of a chain */
	CLIMB = 32,		/* nodes from which it is made */
};

/* Of a class, and not a mere list or dict, or what C code has made. */
static bool
is_instance(PyObject *object)
{
	return PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_HEAPTYPE) ||
	       PyExceptionInstance_Check(object) || PyType_Check(object);
}

/* " 7f12ab<7f12cd!": the object, what holds it, up to an instance. */
static size_t
put_chain(char *text, const struct pmt_paths *paths, uint32_t node)
{
	const struct pmt_heap *heap = paths->heap;
	size_t used = 0;

	for (unsigned int i = 0, length = 0; i < CLIMB && length < LENGTH;
	     i++) {
		PyObject *object = (PyObject *)pmt_heap_address(heap, node);
		bool counts = !(heap->marks[node] & PMT_MARK_PSEUDO);
		bool instance = counts && is_instance(object);

		if (counts) {
			used += (size_t)sprintf(text + used, "%c%llx%s",
				length++ == 0 ? ' ' : '<',
				(unsigned long long)(uintptr_t)object,
				instance ? "!" : "");
			if (instance && length > 1)
				break;
		}
		if (paths->parent[node] == node ||
		    paths->parent[node] == PMT_NO_NODE)
			break;
		node = paths->parent[node];
	}
	return used;
}

size_t
heap_chains_put(char *text, uint32_t chains, const struct heap_group *group,
		uint32_t first, uint32_t end,
		const struct pmt_holding *holding)
{
	const uint32_t *node = group->nodes.start;
	uint32_t seen = 0, put = 0;
	size_t used = 0;

	for (uint32_t i = first; i < end; i++) {
		if (group->paths.way[node[i]] != holding->way)
			continue;
		if ((uint64_t)seen++ * chains < (uint64_t)put * holding->count)
			continue;
		put++;
		used += put_chain(text + used, &group->paths, node[i]);
	}
	return used;
}

#endif
