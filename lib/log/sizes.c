/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/sizes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEADING "Sizes now:"

/* " FFFFFFFFFFFFFFFF:FFFFFFFFFFFFFFFF" and a NUL */
enum { LONGEST = 35 };

bool
pmt_sizes_add(struct pmt_sizes *sizes, uint64_t address, uint64_t size)
{
	if (sizes->length == 0)
		sizes->length = (size_t)sprintf(sizes->text, HEADING);
	if (sizes->length + LONGEST > sizeof(sizes->text))
		return false;
	sizes->length += (size_t)sprintf(sizes->text + sizes->length,
					 " %" PRIx64 ":%" PRIx64,
					 address - sizes->address, size);
	sizes->address = address;
	return true;
}

bool
pmt_sizes_parse(struct pmt_text text, struct pmt_text *rest)
{
	size_t length = strlen(HEADING);

	if (text.length < length || memcmp(text.bytes, HEADING, length) != 0)
		return false;
	*rest = (struct pmt_text){ text.bytes + length, text.length - length };
	return true;
}

/* The number at the start of REST, behind the character BEFORE. */
static bool
take_number(struct pmt_text *rest, char before, uint64_t *number)
{
	size_t i = 1;

	if (rest->length == 0 || rest->bytes[0] != before)
		return false;
	for (*number = 0; i < rest->length && i <= 16; i++) {
		char c = rest->bytes[i];

		if (c >= '0' && c <= '9')
			*number = *number << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*number = *number << 4 | (uint64_t)(c - 'a' + 10);
		else
			break;
	}
	rest->bytes += i;
	rest->length -= i;
	return i > 1;
}

bool
pmt_sizes_next(struct pmt_text *rest, uint64_t *address, uint64_t *size)
{
	uint64_t distance;

	if (!take_number(rest, ' ', &distance) ||
	    !take_number(rest, ':', size))
		return false;
	*address += distance;
	return true;
}
