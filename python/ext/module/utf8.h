/* SPDX-License-Identifier: MIT */
/* utf8.h - the bytes of a str, where nothing may be allocated or raised. */
#ifndef PMT_UTF8_H
#define PMT_UTF8_H

#include "module/compat.h"

/*
 * The UTF-8 of STR (an exact or derived str), in memory of malloc that is the
 * caller's to free; a NUL follows it.  A byte that came in through
 * "surrogateescape" becomes that byte again; other lone surrogates are encoded
 * as the three bytes they would be.  Makes no Python object, raises nothing.
 * NULL when out of memory.
 */
char *utf8_from_str(PyObject *str, size_t *size);

#endif
