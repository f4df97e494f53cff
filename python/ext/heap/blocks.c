/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include "heap/blocks.h"

#include <stdio.h>
#include <string.h>

#include "module/compat_layout.h"

enum {
	BLOCKS = 4096,		/* of a kind, at the most */
	LINE = 1000,		/* bytes of one with addresses, */
	WORD = 20,		/* one of which takes fewer */
};

/* That of all types made by a class statement, and of no other. */
static destructor class_dealloc;

void
heap_blocks_prepare(void)
{
	PyType_Slot slots[] = { { 0, NULL } };
	PyType_Spec spec = {
		"pmt._class", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots,
	};
	PyObject *type = PyType_FromSpec(&spec);

	/* A type without a destructor gets the same as those. */
	if (type == NULL)
		PyErr_Clear();
	else
		class_dealloc = ((PyTypeObject *)type)->tp_dealloc;
	Py_XDECREF(type);
}

/* Is OBJECT in a block that was allocated for it? */
static bool
has_own_block(PyObject *object)
{
	static const char *const types[] = {
		"str", "bytes", "bytearray", "int", "complex", "set",
		"frozenset", "collections.deque", "collections.OrderedDict",
		"collections.defaultdict", "collections.Counter",
		"numpy.ndarray",
	};
	const PyTypeObject *type = Py_TYPE(object);

	/* From 3.14 on ints are kept, too. */
	if (PyLong_CheckExact(object) && PY_VERSION_HEX >= 0x030e0000)
		return false;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(types); i++)
		if (strcmp(type->tp_name, types[i]) == 0)
			return true;
	return class_dealloc != NULL && type->tp_dealloc == class_dealloc;
}

void
heap_blocks_put(struct heap_lines *lines, const struct heap_group *group,
		uint32_t first, uint32_t end)
{
	const uint32_t *node = group->nodes.start;
	uint32_t count = end - first, told = count < BLOCKS ? count : BLOCKS;
	char text[LINE];
	size_t used = 0;

	for (uint32_t i = 0; i < told; i++) {
		PyObject *object = (PyObject *)pmt_heap_address(
			&group->heap,
			node[first + (uint64_t)i * count / told]);

		if (!has_own_block(object))
			return;
		used += (size_t)sprintf(text + used, " %llx",
			(unsigned long long)(uintptr_t)object -
			compat_header_size(object));
		if (used < LINE - WORD && i + 1 < told)
			continue;
		heap_lines_put(lines, "Blocks of these:%s\n", text);
		used = 0;
	}
}

#endif
