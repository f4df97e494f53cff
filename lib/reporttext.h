/* SPDX-License-Identifier: MIT */
/* analyse_text.h - names, numbers and little curves in columns of text. */
#ifndef ANALYSE_TEXT_H
#define ANALYSE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sites.h"

/* Room for what the format_ functions write. */
#define NUMBER_TEXT 32

/* "1,234,567" */
char *format_count(uint64_t count, char text[NUMBER_TEXT]);

/* Seconds, of nanoseconds, in about 6 columns: "0.8160", "1234.5" */
char *format_clock(int64_t clock, char text[NUMBER_TEXT]);

/*
 * Print a name, padded to WIDTH columns.  Control bytes are shown as \ooo: a
 * log must not steer the reader's terminal.  The empty name is shown as "".
 */
void print_name(FILE *out, struct pmt_text name, int width);

/* A file's name, without its folders unless FULL. */
struct pmt_text file_name(struct pmt_text path, bool full);

/*
 * A curve of COUNT columns, 0 at the bottom and the highest sample at the top;
 * in ASCII without UTF8.
 */
void print_curve(FILE *out, const int64_t *samples, unsigned count, bool utf8);

#endif
