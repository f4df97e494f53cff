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

const char pmt_digit_pairs[201] =
	"0001020304050607080910111213141516171819202122232425262728293031"
	"3233343536373839404142434445464748495051525354555657585960616263"
	"6465666768697071727374757677787980818283848586878889909192939495"
	"96979899";

const char pmt_hex_pairs[513] =
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
	"e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

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
