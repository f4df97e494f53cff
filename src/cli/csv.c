/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/csv.h"

#include <stdbool.h>
#include <string.h>

void
cli_csv_field(FILE *out, const char *text, const char *separator)
{
	bool separated = *separator != '\0' && strstr(text, separator) != NULL;

	if (separated || strpbrk(text, "\"\r\n") != NULL)
		cli_csv_quoted(out, text, strlen(text));
	else
		fputs(text, out);
}

void
cli_csv_quoted(FILE *out, const char *bytes, size_t length)
{
	putc('"', out);
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '"')
			putc('"', out);
		putc(bytes[i], out);
	}
	putc('"', out);
}
