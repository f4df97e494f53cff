/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse_text.h"

#include <inttypes.h>
#include <string.h>

char *
format_count(uint64_t count, char text[NUMBER_TEXT])
{
	char plain[NUMBER_TEXT], *to = text;
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
format_clock(int64_t clock, char text[NUMBER_TEXT])
{
	double seconds = (double)clock / 1e9;

	int digits = seconds < 10 ? 4 : seconds < 100 ? 3 : 1;

	snprintf(text, NUMBER_TEXT, "%.*f", digits, seconds);
	return text;
}

/* Control bytes as \ooo; returns how many columns that took. */
static int
print_safely(FILE *out, struct pmt_text text)
{
	int columns = 0;

	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.bytes[i];

		if (c < ' ' || c == 0x7f)
			columns += fprintf(out, "\\%03o", c);
		else
			putc(c, out);
		/* Of a UTF-8 character only the first byte takes a column. */
		columns += c >= ' ' && (c & 0xc0) != 0x80 && c != 0x7f;
	}
	return columns;
}

void
print_name(FILE *out, struct pmt_text name, int width)
{
	int columns;

	if (name.length == 0)
		name = (struct pmt_text){ "\"\"", 2 };
	columns = print_safely(out, name);
	if (columns < width)
		fprintf(out, "%*s", width - columns, "");
}

struct pmt_text
file_name(struct pmt_text path, bool full)
{
	const char *slash = memrchr(path.bytes, '/', path.length);

	if (full || slash == NULL || slash + 1 == path.bytes + path.length)
		return path;
	path.length -= (size_t)(slash + 1 - path.bytes);
	path.bytes = slash + 1;
	return path;
}

void
print_curve(FILE *out, const int64_t *samples, unsigned count, bool utf8)
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
