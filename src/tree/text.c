/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/csv.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

#define NAME_WIDTH 24
#define DEEPEST_INDENT 12

/* One row while it is put together. */
struct line {
	FILE *out;
	const struct tree_format *format;
	bool begun;
	int used;		/* columns of the terminal, and one more */
	int blanks;		/* to come before the next text */
};

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
put_separated(struct line *line, const char *text)
{
	if (line->begun)
		fputs(line->format->separator, line->out);
	line->begun = true;
	cli_csv_field(line->out, text, line->format->separator);
}

/* WIDTH > 0 is to the right, < 0 to the left; a row ends in no blanks. */
static void
put(struct line *line, int width, const char *colour, const char *text)
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

static void
finish(struct line *line)
{
	if (line->format->raw)
		putc('\r', line->out);	/* RFC 4180 */
	putc('\n', line->out);
}

static void
number(char text[48], double value, int digits, bool sign)
{
	snprintf(text, 48, sign ? "%+.*f" : "%.*f", digits, value);
	/* A loss too small to show is none. */
	if (sign && strspn(text, "-0.") == strlen(text))
		text[0] = '+';
}

static void
put_change(struct line *line, const struct tree_column *column,
	   const struct tree_cell *cell, double unit)
{
	char text[48];
	const char *colour = NULL;

	if (cell->changed && cell->change > 0)
		colour = RED;
	if (cell->changed && cell->change < 0)
		colour = GREEN;
	number(text, cell->change / unit, line->format->raw ? 0 :
	       column->digits, !line->format->raw);
	put(line, column->width, colour, cell->changed ? text : "");
}

/* What is a lower bound says so. */
static void
put_cell(struct line *line, const struct tree_column *column,
	 const struct tree_cell *cell, bool total)
{
	bool raw = line->format->raw;
	double unit = raw || column->unit == 0 ? 1 : column->unit;
	char text[48], *p = text;

	if (raw && column->unit == 1e9)
		unit = 1e9;	/* seconds there too */
	if (cell->state == TREE_DENIED && !total) {
		put(line, column->width, YELLOW, "denied");
		if (column->change)
			put(line, column->width, NULL, "");
		return;
	}
	if (cell->state == TREE_DENIED && !raw)
		*p++ = '>';
	number(p, cell->value / unit, raw && unit == 1 &&
	       column->kind == TREE_NUMBER ? 0 : column->digits, false);
	if (cell->state == TREE_ABSENT)
		strcpy(text, raw ? "" : "-");
	put(line, column->width, NULL, text);
	if (column->change)
		put_change(line, column, cell, unit);
}

static void
put_status(struct line *line, const struct tree_column *column,
	   const struct pmt_proctree_node *node)
{
	const char *now = "", *change = "";

	if (node != NULL) {
		now = pmt_proc_state_name(node->now.state);
		if (node->before != NULL &&
		    node->before->state != node->now.state)
			change = now;
	}
	put(line, column->width, NULL, now);
	put(line, column->width, RED, change);
}

static void
put_cells(struct line *line, const struct tree_sample *sample,
	  const struct pmt_proctree_node *node)
{
	struct tree_cell cell;

	for (size_t i = 0; i < tree_column_count; i++) {
		const struct tree_column *column = &tree_columns[i];

		if ((column->option & line->format->options) == 0)
			continue;
		if (column->kind == TREE_STATE) {
			put_status(line, column, node);
			continue;
		}
		cell = node == NULL ? sample->totals[i] :
		       tree_cell(column, node, sample->elapsed);
		put_cell(line, column, &cell, node == NULL);
	}
}

void
tree_print_titles(FILE *out, const struct tree_format *format)
{
	struct line line = { .out = out, .format = format };
	char change[32];

	put(&line, 8, NULL, format->raw ? "Time" : "Time(s)");
	put(&line, 7, NULL, "PID");
	if (format->separator != NULL) {
		put(&line, 7, NULL, "PPID");
		put(&line, 5, NULL, "Depth");
	}
	put(&line, -NAME_WIDTH, NULL, "Name");
	for (size_t i = 0; i < tree_column_count; i++) {
		const struct tree_column *column = &tree_columns[i];

		if ((column->option & format->options) == 0)
			continue;
		put(&line, column->width, NULL,
		    format->raw ? column->name : column->title);
		snprintf(change, sizeof(change), "d%s",
			 format->raw ? column->name : column->title);
		if (column->change)
			put(&line, column->width, NULL, change);
	}
	if ((format->options & TREE_CMDLINE) != 0)
		put(&line, -1, NULL, "CmdLine");
	finish(&line);
}

/* Indented in the table; between separators, depth is a column. */
static void
put_name(struct line *line, const struct pmt_proctree_node *node)
{
	char escaped[DEEPEST_INDENT + PMT_ESCAPED_SIZE(PMT_PROC_NAME)];
	int indent = (int)node->depth * 2;

	if (line->format->separator != NULL)
		indent = 0;
	if (indent > DEEPEST_INDENT)
		indent = DEEPEST_INDENT;
	memset(escaped, ' ', (size_t)indent);
	pmt_escape_text(node->now.name, strlen(node->now.name),
			escaped + indent);
	put(line, -NAME_WIDTH, NULL, escaped);
}

static void
put_integer(struct line *line, int width, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	put(line, width, NULL, text);
}

void
tree_print_row(FILE *out, const struct tree_format *format,
	       const struct tree_sample *sample, size_t i)
{
	struct line line = { .out = out, .format = format };
	const struct pmt_proctree_node *node = &sample->nodes[i];
	char time[48], *command;

	number(time, sample->age, format->raw ? 3 : 1, false);
	put(&line, 8, NULL, i == 0 || format->separator != NULL ? time : "");
	put_integer(&line, 7, node->now.pid);
	if (format->separator != NULL) {
		put_integer(&line, 7, node->now.ppid);
		put_integer(&line, 5, (long)node->depth);
	}
	put_name(&line, node);
	put_cells(&line, sample, node);
	if ((format->options & TREE_CMDLINE) != 0) {
		command = tree_command_line(format->fs, &node->now);
		put(&line, -1, NULL, command != NULL ? command : "");
		free(command);
	}
	finish(&line);
}

void
tree_print_total(FILE *out, const struct tree_format *format,
		 const struct tree_sample *sample)
{
	struct line line = { .out = out, .format = format };
	char text[48];

	number(text, sample->age, format->raw ? 3 : 1, false);
	put(&line, 8, NULL, format->separator != NULL ? text : "");
	put(&line, 7, NULL, "");
	if (format->separator != NULL) {
		put(&line, 7, NULL, "");
		put(&line, 5, NULL, "");
	}
	snprintf(text, sizeof(text), "TOTAL of %zu", sample->count);
	put(&line, -NAME_WIDTH, NULL, text);
	put_cells(&line, sample, NULL);
	if ((format->options & TREE_CMDLINE) != 0 && format->separator != NULL)
		put(&line, -1, NULL, "");
	finish(&line);
}

void
tree_print_sample(FILE *out, const struct tree_format *format,
		  const struct tree_sample *sample)
{
	for (size_t i = 0; i < sample->count; i++)
		tree_print_row(out, format, sample, i);
	if (sample->count > 1)
		tree_print_total(out, format, sample);
}

/* For the eye, not for a shell: an argument with a blank gets quotes. */
char *
tree_command_line(struct pmt_procfs *fs, const struct pmt_proc *proc)
{
	char arguments[4096], escaped[PMT_ESCAPED_SIZE(sizeof(arguments))];
	ssize_t length = pmt_proc_cmdline(fs, proc->pid, arguments,
					  sizeof(arguments));
	char *text = NULL;
	const char *quote;
	FILE *out;
	size_t size;

	out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	if (length <= 0) {
		pmt_escape_text(proc->name, strlen(proc->name), escaped);
		fprintf(out, "[%s]", length == -EACCES ? "denied" : escaped);
	}
	for (char *p = arguments; length > 0 && p < arguments + length;
	     p += strlen(p) + 1) {
		quote = *p == '\0' || strpbrk(p, " \t\"'") != NULL ? "\"" : "";
		pmt_escape_text(p, strlen(p), escaped);
		fprintf(out, "%s%s%s%s", p > arguments ? " " : "", quote,
			escaped, quote);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
