/* SPDX-License-Identifier: MIT */
/* lines.h - how does a child tell what it found? */
#ifndef PMT_HEAP_LINES_H
#define PMT_HEAP_LINES_H

#include "base/common.h"
#include "module/compat.h"

/* Memory that both see; the child writes lines of text, the parent reads. */
struct heap_lines {
	char *text;		/* zeroes at first */
	size_t used;		/* written, or read */
};

/* 0 or -ENOMEM.  Begin before the child does, end after it. */
int heap_lines_begin(struct heap_lines *lines) PMT_MUST_CHECK;
void heap_lines_end(struct heap_lines *lines);

/* All of it, or nothing, and false, if there is no room left for it. */
bool heap_lines_put(struct heap_lines *lines, const char *format, ...)
	PMT_PRINTF(2, 3);

/* A list of what NEXT makes of line after line; NULL with an exception. */
PyObject *heap_lines_list(struct heap_lines *lines,
			  PyObject *(*next)(struct heap_lines *lines));

/* The next line, which is there, as a str or an int. */
PyObject *heap_lines_text(struct heap_lines *lines);
PyObject *heap_lines_number(struct heap_lines *lines);

#endif
