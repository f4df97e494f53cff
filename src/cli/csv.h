/* SPDX-License-Identifier: MIT */
/* csv.h - text as a field of comma-separated values (RFC 4180). */
#ifndef PMT_CLI_CSV_H
#define PMT_CLI_CSV_H

#include <stddef.h>
#include <stdio.h>

/*
 * Print TEXT as it is, or in quotes where it holds SEPARATOR, which may be
 * empty, or a quote.  What a terminal would obey, ends of lines among it, is
 * written as in names of logs, escape.h.
 */
void cli_csv_field(FILE *out, const char *text, const char *separator);

/* The same of LENGTH bytes, in quotes in any case. */
void cli_csv_quoted(FILE *out, const char *bytes, size_t length);

#endif
