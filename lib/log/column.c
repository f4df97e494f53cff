/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/column.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/escape.h"

int
pmt_column_init(struct pmt_column *column, const char *name, size_t size,
		size_t width)
{
	static atomic_uint last_serial;
	size_t characters = 0, length;
	char *text;

	text = calloc(1, 1 + PMT_ESCAPED_SIZE(size) + width +
		      PMT_COLUMN_SLACK);
	if (text == NULL)
		return -ENOMEM;
	text[0] = ' ';
	length = 1 + pmt_escape_name(name, size, text + 1);

	/* UTF-8 continuation bytes take no room on the screen. */
	for (size_t i = 1; i < length; i++)
		characters += ((unsigned char)text[i] & 0xc0) != 0x80;
	column->filling = width > characters ? width - characters : 0;
	memset(text + length, ' ', column->filling);
	column->text = text;
	column->length = length + column->filling;
	column->serial = atomic_fetch_add(&last_serial, 1) + 1;
	return 0;
}

void
pmt_column_fini(struct pmt_column *column)
{
	free(column->text);
	column->text = NULL;
	column->length = 0;
}

char *
pmt_put_wide(char *p, uint64_t value, bool negative)
{
	char digits[24], *end = digits + sizeof(digits);
	char *begin = pmt_digits_before(end, value);

	if (negative)
		*--begin = '-';
	*p++ = ' ';
	memcpy(p, begin, (size_t)(end - begin));
	return p + (end - begin);
}
