/* SPDX-License-Identifier: MIT */
/* names.h - how is a name, which may be any bytes, written in a format? */
#ifndef ANALYSE_NAMES_H
#define ANALYSE_NAMES_H

#include <stddef.h>
#include <stdio.h>

#include "base/text.h"

/* What a character of the format itself is written as; { 0 } ends a list. */
struct name_escape {
	char character;
	const char *text;
};

/*
 * Print at most MAX characters of TEXT as UTF-8: bytes that are none as the
 * Latin-1 that they are taken for, what is not safe to show (base/escape.h) as
 * '?', but for what ESCAPES have another text for.
 */
void name_print(FILE *out, struct pmt_text text, size_t max,
		const struct name_escape *escapes);

/* All of TEXT likewise, for the caller to free; lines stay lines. */
char *name_utf8(struct pmt_text text, size_t *length);

#endif
