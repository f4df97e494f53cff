/* SPDX-License-Identifier: MIT */
/* text.h - how is this str or type called, asked without making anything? */
#ifndef PMT_HEAP_TEXT_H
#define PMT_HEAP_TEXT_H

#include "module/compat.h"

enum { HEAP_NAME_SIZE = 256 };

/*
 * UTF-8 of TEXT, cut at SIZE - 1 bytes, with escapes for what has none and for
 * control characters.  What is no str is "?".  Returns the length.
 */
size_t heap_text_of(PyObject *text, char *out, size_t size);

/* "module.Class"; tp_name of a static type.  Returns the length. */
size_t heap_type_name(PyTypeObject *type, char *out, size_t size);

#endif
