/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"

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

/* Columns on a terminal, were all characters of one width. */
static int
columns(const char *text)
{
	int count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

void
print_name(FILE *out, struct pmt_text name, int width)
{
	char small[PMT_ESCAPED_SIZE(256)];
	char *text = small;

	if (name.length == 0)
		name = (struct pmt_text){ "\"\"", 2 };
	if (name.length > 256) {
		text = malloc(PMT_ESCAPED_SIZE(name.length));
		if (text == NULL) {
			text = small;
			name.length = 256;
		}
	}
	pmt_escape_text(name.bytes, name.length, text);
	fprintf(out, "%s%*s", text,
		width > columns(text) ? width - columns(text) : 0, "");
	if (text != small)
		free(text);
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
