/* SPDX-License-Identifier: MIT */
/* column.h - one field of a text log, formatted fast. */
#ifndef PMT_COLUMN_H
#define PMT_COLUMN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common.h"

/*
 * A name as it stands in a row: one blank, the escaped name (escape.h), blanks
 * up to the column's width.  Made once for each name, copied at every event.
 */
struct pmt_column {
	char *text;
	size_t length;		/* bytes, the leading blank included */
};

/*
 * Make the column of the NAME of SIZE bytes, left-aligned in WIDTH characters.
 * On success column->text is the caller's to free.  Returns 0 or -ENOMEM.
 */
int pmt_column_init(struct pmt_column *column, const char *name, size_t size,
		    size_t width) PMT_MUST_CHECK;

void pmt_column_fini(struct pmt_column *column);

static inline char *
pmt_put_column(char *p, const struct pmt_column *column)
{
	memcpy(p, column->text, column->length);
	return p + column->length;
}

/* At most this many bytes are put by each of the functions below. */
#define PMT_PUT_MAX 48

/* " %*PRIu64": a blank and VALUE, right-aligned in WIDTH characters. */
char *pmt_put_unsigned(char *p, uint64_t value, int width);

/* " %*PRId64" */
char *pmt_put_signed(char *p, int64_t value, int width);

/* " %*p" */
char *pmt_put_pointer(char *p, uintptr_t value, int width);

/* " %*.6f" of microseconds, as seconds. */
char *pmt_put_seconds(char *p, uint64_t microseconds, int width);

#endif
