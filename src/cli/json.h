/* SPDX-License-Identifier: MIT */
/* json.h - names and times as the JSON of our programs has them. */
#ifndef PMT_CLI_JSON_H
#define PMT_CLI_JSON_H

#include <jansson.h>

/*
 * TEXT as a JSON string.  Names of processes and arguments are any bytes, JSON
 * is UTF-8: a byte that is no part of it becomes U+FFFD.
 */
json_t *cli_json_string(const char *text);

#define CLI_JSON_TIME 64

/* "2026-08-31 12:01:02.000001", local time as Python's datetime shows it. */
const char *cli_json_now(char text[CLI_JSON_TIME]);

#endif
