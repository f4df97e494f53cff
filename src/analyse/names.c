/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"

/* The character of LENGTH bytes at IN, as UTF-8; a byte alone is Latin-1. */
static size_t
copy_character(char *out, const char *in, size_t length)
{
	unsigned char c = (unsigned char)in[0];

	if (length > 1 || c < 0x80) {
		memcpy(out, in, length);
		return length;
	}
	out[0] = (char)(0xc0 | c >> 6);
	out[1] = (char)(0x80 | (c & 0x3f));
	return 2;
}

static const char *
find_escape(const struct name_escape *escapes, char character)
{
	while (escapes->text != NULL && escapes->character != character)
		escapes++;
	return escapes->text;
}

void
name_print(FILE *out, struct pmt_text text, size_t max,
	   const struct name_escape *escapes)
{
	size_t length;
	char utf8[4];
	bool safe;

	for (size_t i = 0; i < text.length && max > 0; i += length, max--) {
		const char *in = text.bytes + i;
		const char *escape = find_escape(escapes, *in);

		length = pmt_character(in, text.length - i, &safe);
		if (escape != NULL)
			fputs(escape, out);
		else if (safe)
			fwrite(utf8, 1, copy_character(utf8, in, length), out);
		else
			putc('?', out);
	}
}

char *
name_utf8(struct pmt_text text, size_t *length)
{
	char *utf8 = cli_need(malloc(2 * text.length + 1));
	size_t n = 0, size;
	bool safe;

	for (size_t i = 0; i < text.length; i += size) {
		size = pmt_character(text.bytes + i, text.length - i, &safe);
		if (safe || text.bytes[i] == '\n')
			n += copy_character(utf8 + n, text.bytes + i, size);
		else
			utf8[n++] = '?';
	}
	*length = n;
	return utf8;
}
