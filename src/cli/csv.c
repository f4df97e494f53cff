/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/csv.h"

#include <stdbool.h>
#include <string.h>

#include "base/escape.h"

static void
print_safely(FILE *out, const char *bytes, size_t length, bool quoted)
{
	size_t size;
	bool safe;

	for (size_t i = 0; i < length; i += size) {
		size = pmt_character(bytes + i, length - i, &safe);
		if (quoted && bytes[i] == '"')
			putc('"', out);
		if (safe)
			fwrite(bytes + i, 1, size, out);
		for (size_t j = i; !safe && j < i + size; j++)
			fprintf(out, "\\%03o", (unsigned char)bytes[j]);
	}
}

void
cli_csv_field(FILE *out, const char *text, const char *separator)
{
	bool separated = *separator != '\0' && strstr(text, separator) != NULL;

	if (separated || strchr(text, '"') != NULL)
		cli_csv_quoted(out, text, strlen(text));
	else
		print_safely(out, text, strlen(text), false);
}

void
cli_csv_quoted(FILE *out, const char *bytes, size_t length)
{
	putc('"', out);
	print_safely(out, bytes, length, true);
	putc('"', out);
}
