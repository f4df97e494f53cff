/* SPDX-License-Identifier: MIT */
/* reporttext.h - names, numbers and little curves in columns of text. */
#ifndef PMT_REPORTTEXT_H
#define PMT_REPORTTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "log/sites.h"

/* Room for what the format_ functions write. */
#define PMT_NUMBER_TEXT 32

/* "1,234,567" */
char *pmt_format_count(uint64_t count, char text[PMT_NUMBER_TEXT]);

/* Seconds, of nanoseconds, in about 6 columns: "0.8160", "1234.5" */
char *pmt_format_clock(int64_t clock, char text[PMT_NUMBER_TEXT]);

/*
 * Print a name, padded to WIDTH columns.  Control bytes are shown as \ooo: a
 * log must not steer the reader's terminal.  The empty name is shown as "".
 */
void pmt_print_name(FILE *out, struct pmt_text name, int width);

/* A file's name and the folder it is in, or the whole path with FULL. */
struct pmt_text pmt_file_name(struct pmt_text path, bool full);

/*
 * A curve of COUNT columns, 0 at the bottom and the highest sample at the top;
 * in ASCII without UTF8.
 */
void pmt_print_curve(FILE *out, const int64_t *samples, unsigned count,
		     bool utf8);

/* TEXT behind TITLE, in lines of at most 79 columns. */
void pmt_print_wrapped(FILE *out, const char *title, const char *text);

/*
 * The lines above the numbers: the log's PATH, its opening MESSAGE (may be
 * empty), and what its TRACER said of itself (NULL: nothing).
 */
void pmt_print_heading(FILE *out, const char *path, struct pmt_text message,
		       const char *tracer);

#endif
