/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/line.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli/csv.h"

#define PLAIN "\033[0m"

/* Columns of the terminal that TEXT takes, bytes if it is in no known set. */
static int
display_width(const char *text)
{
	wchar_t wide[256];
	size_t n = mbstowcs(wide, text, PMT_ARRAY_SIZE(wide));
	int width = -1;

	if (n != (size_t)-1 && n < PMT_ARRAY_SIZE(wide))
		width = wcswidth(wide, n);
	return width >= 0 ? width : (int)strlen(text);
}

static void
put_separated(struct tree_line *line, const char *text)
{
	if (line->begun)
		fputs(line->format->separator, line->out);
	line->begun = true;
	if (line->format->bare)
		fputs(text, line->out);
	else
		cli_csv_field(line->out, text, line->format->separator);
}

void
tree_put(struct tree_line *line, int width, const char *colour,
	 const char *text)
{
	int has = display_width(text), room = abs(width);
	int limit = line->format->width, blanks = room > has ? room - has : 0;

	if (line->format->separator != NULL) {
		put_separated(line, text);
		return;
	}
	if (line->begun)
		line->blanks++;
	line->begun = true;
	line->used += has + blanks + 1;
	if (limit > 0 && line->used > limit + 1) {
		line->used = limit + 1;	/* and nothing after it */
		return;
	}
	if (width > 0)
		line->blanks += blanks;
	if (*text != '\0') {
		fprintf(line->out, "%*s", line->blanks, "");
		line->blanks = 0;
		if (line->format->colour && colour != NULL)
			fprintf(line->out, "%s%s%s", colour, text, PLAIN);
		else
			fputs(text, line->out);
	}
	if (width < 0)
		line->blanks += blanks;
}

void
tree_finish(struct tree_line *line)
{
	if (line->format->raw)
		putc('\r', line->out);	/* RFC 4180 */
	putc('\n', line->out);
}
