/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "column.h"

#include <errno.h>
#include <stdlib.h>

#include "escape.h"

int
pmt_column_init(struct pmt_column *column, const char *name, size_t size,
		size_t width)
{
	size_t characters = 0, length;
	char *text;

	text = malloc(1 + PMT_ESCAPED_SIZE(size) + width);
	if (text == NULL)
		return -ENOMEM;
	text[0] = ' ';
	length = 1 + pmt_escape_name(name, size, text + 1);

	/* UTF-8 continuation bytes take no room on the screen. */
	for (size_t i = 1; i < length; i++)
		characters += ((unsigned char)text[i] & 0xc0) != 0x80;
	for (; characters < width; characters++)
		text[length++] = ' ';
	column->text = text;
	column->length = length;
	return 0;
}

void
pmt_column_fini(struct pmt_column *column)
{
	free(column->text);
	column->text = NULL;
	column->length = 0;
}

static const char digit_pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233"
	"34353637383940414243444546474849505152535455565758596061626364656667"
	"6869707172737475767778798081828384858687888990919293949596979899";

/* The digits of VALUE, ending before END; returns where they begin. */
static char *
digits_before(char *end, uint64_t value)
{
	while (value >= 100) {
		end -= 2;
		memcpy(end, digit_pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		end -= 2;
		memcpy(end, digit_pairs + 2 * value, 2);
	} else {
		*--end = (char)('0' + value);
	}
	return end;
}

/* A blank, then the text up to END, right-aligned. */
static char *
put_right(char *p, const char *text, const char *end, int width)
{
	int length = (int)(end - text), blanks = 1;

	if (width > length)
		blanks += width - length;
	memset(p, ' ', (size_t)blanks);
	memcpy(p + blanks, text, (size_t)length);
	return p + blanks + length;
}

char *
pmt_put_unsigned(char *p, uint64_t value, int width)
{
	char digits[24], *end = digits + sizeof(digits);

	return put_right(p, digits_before(end, value), end, width);
}

char *
pmt_put_signed(char *p, int64_t value, int width)
{
	char digits[24], *end = digits + sizeof(digits), *begin;

	begin = digits_before(end, value < 0 ? -(uint64_t)value
					     : (uint64_t)value);
	if (value < 0)
		*--begin = '-';
	return put_right(p, begin, end, width);
}

char *
pmt_put_pointer(char *p, uintptr_t value, int width)
{
	char digits[24], *end = digits + sizeof(digits), *begin = end;

	do {
		*--begin = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value != 0);
	*--begin = 'x';
	*--begin = '0';
	return put_right(p, begin, end, width);
}

char *
pmt_put_seconds(char *p, uint64_t microseconds, int width)
{
	char digits[32], *end = digits + sizeof(digits), *begin;
	uint64_t seconds = microseconds / 1000000;
	uint32_t fraction = (uint32_t)(microseconds % 1000000);

	memcpy(end - 2, digit_pairs + 2 * (fraction % 100), 2);
	memcpy(end - 4, digit_pairs + 2 * (fraction / 100 % 100), 2);
	memcpy(end - 6, digit_pairs + 2 * (fraction / 10000), 2);
	end[-7] = '.';
	begin = digits_before(end - 7, seconds);
	return put_right(p, begin, end, width);
}
