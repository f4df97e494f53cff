/* SPDX-License-Identifier: MIT */
/* jsontext.h - names and times as the JSON of our programs has them. */
#ifndef PMT_JSONTEXT_H
#define PMT_JSONTEXT_H

#include <jansson.h>

/*
 * TEXT as a JSON string.  Names of processes and arguments are any bytes, JSON
 * is UTF-8: a byte that is no part of it becomes U+FFFD.
 */
json_t *jsontext_string(const char *text);

#define JSONTEXT_TIME 64

/* "2026-08-31 12:01:02.000001", local time as Python's datetime shows it. */
const char *jsontext_now(char text[JSONTEXT_TIME]);

#endif
