/* SPDX-License-Identifier: MIT */
/* column.h - one field of a text log, formatted fast. */
#ifndef PMT_COLUMN_H
#define PMT_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/common.h"
#include "base/digits.h"

/*
 * A name as it stands in a row: one blank, the escaped name (escape.h), blanks
 * up to the column's width.  Made once for each name, copied at every event.
 */
struct pmt_column {
	char *text;
	size_t length;		/* bytes, the leading blank included */
	size_t filling;		/* of those, blanks at the end */
	uint32_t serial;	/* no other column of this process has it */
};

/* The escaped name alone, without blank and filling. */
static inline size_t
pmt_column_bare(const struct pmt_column *column)
{
	return column->length - 1 - column->filling;
}

/*
 * Make the column of the NAME of SIZE bytes, left-aligned in WIDTH characters.
 * On success column->text is the caller's to free.  Returns 0 or -ENOMEM.
 */
int pmt_column_init(struct pmt_column *column, const char *name, size_t size,
		    size_t width) PMT_MUST_CHECK;

void pmt_column_fini(struct pmt_column *column);

/*
 * Put COLUMN at P.  Writes up to PMT_COLUMN_SLACK bytes beyond the end that it
 * returns: copies of a size that the compiler knows need no call.
 */
#define PMT_COLUMN_SLACK 32

static inline __attribute__((always_inline)) char *
pmt_put_column(char *p, const struct pmt_column *column)
{
	for (size_t i = 0; i < column->length; i += PMT_COLUMN_SLACK)
		memcpy(p + i, column->text + i, PMT_COLUMN_SLACK);
	return p + column->length;
}

/* The same, faster if the name's ASCII and fits the WIDTH, a constant. */
static inline __attribute__((always_inline)) char *
pmt_put_usual_column(char *p, const struct pmt_column *column, size_t width)
{
	if (pmt_unlikely(column->length != width + 1))
		return pmt_put_column(p, column);
	memcpy(p, column->text, (width + PMT_COLUMN_SLACK) /
				PMT_COLUMN_SLACK * PMT_COLUMN_SLACK);
	return p + width + 1;
}

/* The same in a log where that column is LESS characters narrower. */
static inline char *
pmt_put_narrow_column(char *p, const struct pmt_column *column, size_t less)
{
	p = pmt_put_column(p, column);
	return p - (less < column->filling ? less : column->filling);
}

/* At most this many bytes are put by each of the functions below. */
#define PMT_PUT_MAX 48

/* For the inline functions: what does not fit the width. */
char *pmt_put_wide(char *p, uint64_t value, bool negative);

/* " %*PRIu64": a blank and VALUE, right-aligned in WIDTH characters. */
static inline __attribute__((always_inline)) char *
pmt_put_unsigned(char *p, uint64_t value, int width)
{
	char *end = p + 1 + width;

	if (pmt_unlikely(!pmt_digits_fit(value, width)))
		return pmt_put_wide(p, value, false);
	memset(p, ' ', (size_t)width + 1);
	pmt_digits_before(end, value);
	return end;
}

/* " %*PRId64" */
static inline __attribute__((always_inline)) char *
pmt_put_signed(char *p, int64_t value, int width)
{
	char *end = p + 1 + width, *begin;
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	if (pmt_unlikely(!pmt_digits_fit(size, width - 1)))
		return value < 0 ? pmt_put_wide(p, size, true)
				 : pmt_put_unsigned(p, size, width);
	memset(p, ' ', (size_t)width + 1);
	begin = pmt_digits_before(end, size);
	if (value < 0)
		begin[-1] = '-';
	return end;
}

/* " %16p" of an address: user space ends below 2^56 on every machine. */
static inline __attribute__((always_inline)) char *
pmt_put_pointer(char *p, uintptr_t value)
{
	char *end = p + 17, *first = end;

	memset(p, ' ', 17);
	do {
		first -= 2;
		memcpy(first, pmt_hex_pairs + 2 * (value & 255), 2);
		value = value >> 8 & UINT64_C(0xffffffffffff);
	} while (value != 0);
	if (*first == '0')
		first++;
	first[-2] = '0';
	first[-1] = 'x';
	return end;
}

/* The same, faster for an address of 12 digits, as mmap(2) gives them. */
static inline __attribute__((always_inline)) char *
pmt_put_usual_pointer(char *p, uintptr_t value)
{
	if (pmt_unlikely(value >> 44 == 0 || value >> 48 != 0))
		return pmt_put_pointer(p, value);
	memcpy(p, "   0x", 5);
	memcpy(p + 5, pmt_hex_pairs + 2 * (value >> 40), 2);
	memcpy(p + 7, pmt_hex_pairs + 2 * (value >> 32 & 255), 2);
	memcpy(p + 9, pmt_hex_pairs + 2 * (value >> 24 & 255), 2);
	memcpy(p + 11, pmt_hex_pairs + 2 * (value >> 16 & 255), 2);
	memcpy(p + 13, pmt_hex_pairs + 2 * (value >> 8 & 255), 2);
	memcpy(p + 15, pmt_hex_pairs + 2 * (value & 255), 2);
	return p + 17;
}

/* A number as it stood in the row before, where it is mostly the same. */
struct pmt_steady {
	int64_t value;
	size_t length;		/* bytes of text; 0: no row before */
	char text[PMT_PUT_MAX];
};

/* pmt_put_signed(), faster while VALUE does not change; WIDTH below 32. */
static inline __attribute__((always_inline)) char *
pmt_put_steady(char *p, struct pmt_steady *steady, int64_t value, int width)
{
	if (pmt_unlikely(value != steady->value || steady->length == 0)) {
		steady->value = value;
		steady->length = (size_t)(pmt_put_signed(steady->text, value,
							 width) -
					  steady->text);
	}
	memcpy(p, steady->text, PMT_COLUMN_SLACK);
	return p + steady->length;
}

/* "." and six digits: the microseconds of a second. */
static inline __attribute__((always_inline)) char *
pmt_put_fraction(char *p, uint32_t microseconds)
{
	p[0] = '.';
	memcpy(p + 1, pmt_digit_pairs + 2 * (microseconds / 10000), 2);
	memcpy(p + 3, pmt_digit_pairs + 2 * (microseconds / 100 % 100), 2);
	memcpy(p + 5, pmt_digit_pairs + 2 * (microseconds % 100), 2);
	return p + 7;
}

/* " %*.6f" of microseconds, as seconds. */
static inline __attribute__((always_inline)) char *
pmt_put_seconds(char *p, uint64_t microseconds, int width)
{
	p = pmt_put_unsigned(p, microseconds / 1000000, width - 7);
	return pmt_put_fraction(p, (uint32_t)(microseconds % 1000000));
}

/* The same, faster while the seconds do not change. */
static inline __attribute__((always_inline)) char *
pmt_put_steady_seconds(char *p, struct pmt_steady *steady,
		       uint64_t microseconds, int width)
{
	p = pmt_put_steady(p, steady, (int64_t)(microseconds / 1000000),
			   width - 7);
	return pmt_put_fraction(p, (uint32_t)(microseconds % 1000000));
}

#endif
