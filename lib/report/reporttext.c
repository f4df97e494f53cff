/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/reporttext.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"

char *
pmt_format_count(uint64_t count, char text[PMT_NUMBER_TEXT])
{
	char plain[PMT_NUMBER_TEXT], *to = text;
	size_t n = (size_t)snprintf(plain, sizeof(plain), "%" PRIu64, count);

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			*to++ = ',';
		*to++ = plain[i];
	}
	*to = '\0';
	return text;
}

char *
pmt_format_clock(int64_t clock, char text[PMT_NUMBER_TEXT])
{
	double seconds = (double)clock / 1e9;

	int digits = seconds < 10 ? 4 : seconds < 100 ? 3 : 1;

	snprintf(text, PMT_NUMBER_TEXT, "%.*f", digits, seconds);
	return text;
}

/* What is not safe as \ooo; returns how many columns that took. */
static int
print_safely(FILE *out, struct pmt_text text)
{
	int columns = 0;
	size_t length;
	bool safe;

	for (size_t i = 0; i < text.length; i += length) {
		length = pmt_character(text.bytes + i, text.length - i, &safe);
		if (safe)
			fwrite(text.bytes + i, 1, length, out);
		for (size_t j = i; !safe && j < i + length; j++)
			columns += fprintf(out, "\\%03o",
					   (unsigned char)text.bytes[j]);
		columns += safe;
	}
	return columns;
}

void
pmt_print_name(FILE *out, struct pmt_text name, int width)
{
	int columns;

	if (name.length == 0)
		name = (struct pmt_text){ "\"\"", 2 };
	columns = print_safely(out, name);
	if (columns < width)
		fprintf(out, "%*s", width - columns, "");
}

struct pmt_text
pmt_file_name(struct pmt_text path, bool full)
{
	size_t start = path.length;

	/* Many packages have a base.py; their folder tells them apart. */
	for (int folders = 0; !full && start > 0; start--) {
		if (path.bytes[start - 1] == '/' && start != path.length &&
		    ++folders > 1)
			break;
	}
	if (full || start == 0)
		return path;
	return (struct pmt_text){ path.bytes + start, path.length - start };
}

void
pmt_print_curve(FILE *out, const int64_t *samples, unsigned count, bool utf8)
{
	static const char *const blocks[] = {
		" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"
	};
	static const char *const ascii[] = {
		" ", ".", ":", "-", "=", "+", "*", "#", "@"
	};
	int64_t highest = 1;

	for (unsigned i = 0; i < count; i++)
		if (samples[i] > highest)
			highest = samples[i];
	for (unsigned i = 0; i < count; i++) {
		double part = (double)samples[i] / (double)highest;
		int level = part <= 0 ? 0 : (int)(part * 7.999) + 1;

		fputs(utf8 ? blocks[level] : ascii[level], out);
	}
}

/* The first lines of a log, as they stand. */
static void
print_message(FILE *out, struct pmt_text text)
{
	const char *newline;

	fputs("Initial Message:\n", out);
	do {
		struct pmt_text line = text;

		newline = memchr(text.bytes, '\n', text.length);
		if (newline != NULL)
			line.length = (size_t)(newline - text.bytes);
		pmt_print_name(out, line, 0);
		putc('\n', out);
		text.bytes += line.length + 1;
		text.length -= line.length + (newline != NULL);
	} while (newline != NULL);
}

void
pmt_print_wrapped(FILE *out, const char *title, const char *text)
{
	int indent = fprintf(out, "%s", title), column = indent;

	while (*text != '\0') {
		int word = (int)strcspn(text, " ");

		if (column + 1 + word > 79)
			column = fprintf(out, "\n%*s", indent, "") - 1;
		putc(' ', out);
		pmt_print_name(out, (struct pmt_text){ text, (size_t)word },
			       0);
		column += 1 + word;
		text += word + (text[word] == ' ');
	}
	putc('\n', out);
}

void
pmt_print_heading(FILE *out, const char *path, struct pmt_text message,
		  const char *tracer)
{
	fputs("File path: ", out);
	print_safely(out, (struct pmt_text){ path, strlen(path) });
	putc('\n', out);
	if (message.length > 0)
		print_message(out, message);
	if (tracer != NULL)
		pmt_print_wrapped(out, "Tracer:", tracer);
}
