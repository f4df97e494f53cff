/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/lines.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ROOM = 1 << 20 };

int
heap_lines_begin(struct heap_lines *lines)
{
	lines->used = 0;
	lines->text = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return lines->text == MAP_FAILED ? -ENOMEM : 0;
}

void
heap_lines_end(struct heap_lines *lines)
{
	munmap(lines->text, ROOM);
}

bool
heap_lines_put(struct heap_lines *lines, const char *format, ...)
{
	size_t room = ROOM - lines->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(lines->text + lines->used, room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room) {
		lines->text[lines->used] = '\0';
		return false;
	}
	lines->used += (size_t)n;
	return true;
}

PyObject *
heap_lines_list(struct heap_lines *lines,
		PyObject *(*next)(struct heap_lines *lines))
{
	PyObject *list = PyList_New(0);

	while (list != NULL && lines->text[lines->used] != '\0') {
		PyObject *item = next(lines);

		if (item == NULL || PyList_Append(list, item) < 0)
			Py_CLEAR(list);
		Py_XDECREF(item);
	}
	return list;
}

PyObject *
heap_lines_text(struct heap_lines *lines)
{
	const char *line = lines->text + lines->used;
	size_t length = strcspn(line, "\n");

	lines->used += length + 1;
	return PyUnicode_DecodeUTF8(line, (Py_ssize_t)length, "replace");
}

PyObject *
heap_lines_number(struct heap_lines *lines)
{
	const char *line = lines->text + lines->used;

	lines->used += strcspn(line, "\n") + 1;
	return PyLong_FromLong(strtol(line, NULL, 10));
}
