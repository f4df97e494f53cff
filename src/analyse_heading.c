/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "analyse.h"
#include "analyse_text.h"

static void
print_introduction(const struct reading *reading)
{
	struct pmt_text text = pmt_log_introduction(reading->log);
	const char *newline;

	if (text.length == 0)
		return;
	puts("Initial Message:");
	do {
		struct pmt_text line = text;

		newline = memchr(text.bytes, '\n', text.length);
		if (newline != NULL)
			line.length = (size_t)(newline - text.bytes);
		print_name(stdout, line, 0);
		putchar('\n');
		text.bytes += line.length + 1;
		text.length -= line.length + (newline != NULL);
	} while (newline != NULL);
}

/* A long line, in lines of 79 columns. */
static void
print_tracer(const char *text)
{
	int column = printf("Tracer:");

	while (*text != '\0') {
		int word = (int)strcspn(text, " ");

		if (column + 1 + word > 79)
			column = printf("\n       ") - 1;
		putchar(' ');
		print_name(stdout, (struct pmt_text){ text, (size_t)word }, 0);
		column += 1 + word;
		text += word + (text[word] == ' ');
	}
	putchar('\n');
}

void
print_heading(const struct reading *reading)
{
	static bool printed;

	if (printed)
		putchar('\n');
	printed = true;
	printf("File path: %s\n", reading->path);
	print_introduction(reading);
	if (reading->tracer != NULL)
		print_tracer(reading->tracer);
}
