/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/commandline.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"

#define NAME_WIDTH 24
#define DEEPEST_INDENT 12

static void
number(char text[48], double value, int digits, bool sign)
{
	snprintf(text, 48, sign ? "%+.*f" : "%.*f", digits, value);
	/* A loss too small to show is none. */
	if (sign && strspn(text, "-0.") == strlen(text))
		text[0] = '+';
}

static void
put_change(struct tree_line *line, const struct tree_column *column,
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
	tree_put(line, column->width, colour, cell->changed ? text : "");
}

/* What is a lower bound says so. */
static void
put_cell(struct tree_line *line, const struct tree_column *column,
	 const struct tree_cell *cell, bool total)
{
	bool raw = line->format->raw;
	double unit = raw || column->unit == 0 ? 1 : column->unit;
	char text[48], *p = text;

	if (raw && column->unit == 1e9)
		unit = 1e9;	/* seconds there too */
	if (cell->state == TREE_DENIED && !total) {
		tree_put(line, column->width, YELLOW, "denied");
		if (column->change)
			tree_put(line, column->width, NULL, "");
		return;
	}
	if (cell->state == TREE_DENIED && !raw)
		*p++ = '>';
	number(p, cell->value / unit, raw && unit == 1 &&
	       column->kind == TREE_NUMBER ? 0 : column->digits, false);
	if (cell->state == TREE_ABSENT)
		strcpy(text, raw ? "" : "-");
	tree_put(line, column->width, NULL, text);
	if (column->change)
		put_change(line, column, cell, unit);
}

static void
put_status(struct tree_line *line, const struct tree_column *column,
	   const struct pmt_proctree_node *node)
{
	const char *now = "", *change = "";

	if (node != NULL) {
		now = pmt_proc_state_name(node->now.state);
		if (node->before != NULL &&
		    node->before->state != node->now.state)
			change = now;
	}
	tree_put(line, column->width, NULL, now);
	tree_put(line, column->width, RED, change);
}

static void
put_cells(struct tree_line *line, const struct tree_sample *sample,
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
	struct tree_line line = { .out = out, .format = format };
	char change[32];

	tree_put(&line, 8, NULL, format->raw ? "Time" : "Time(s)");
	tree_put(&line, 7, NULL, "PID");
	if (format->separator != NULL) {
		tree_put(&line, 7, NULL, "PPID");
		tree_put(&line, 5, NULL, "Depth");
	}
	tree_put(&line, -NAME_WIDTH, NULL, "Name");
	for (size_t i = 0; i < tree_column_count; i++) {
		const struct tree_column *column = &tree_columns[i];

		if ((column->option & format->options) == 0)
			continue;
		tree_put(&line, column->width, NULL,
			 format->raw ? column->name : column->title);
		snprintf(change, sizeof(change), "d%s",
			 format->raw ? column->name : column->title);
		if (column->change)
			tree_put(&line, column->width, NULL, change);
	}
	if ((format->options & TREE_CMDLINE) != 0)
		tree_put(&line, -1, NULL, "CmdLine");
	tree_finish(&line);
}

/* Indented in the table; between separators, depth is a column. */
static void
put_name(struct tree_line *line, const struct pmt_proctree_node *node)
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
	tree_put(line, -NAME_WIDTH, NULL, escaped);
}

static void
put_integer(struct tree_line *line, int width, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	tree_put(line, width, NULL, text);
}

void
tree_print_row(FILE *out, const struct tree_format *format,
	       const struct tree_sample *sample, size_t i)
{
	struct tree_line line = { .out = out, .format = format };
	const struct pmt_proctree_node *node = &sample->nodes[i];
	char time[48], *command;

	number(time, sample->age, format->raw ? 3 : 1, false);
	tree_put(&line, 8, NULL,
		 i == 0 || format->separator != NULL ? time : "");
	put_integer(&line, 7, node->now.pid);
	if (format->separator != NULL) {
		put_integer(&line, 7, node->now.ppid);
		put_integer(&line, 5, (long)node->depth);
	}
	put_name(&line, node);
	put_cells(&line, sample, node);
	if ((format->options & TREE_CMDLINE) != 0) {
		command = cli_command_line(format->fs, &node->now);
		tree_put(&line, -1, NULL, command != NULL ? command : "");
		free(command);
	}
	tree_finish(&line);
}

void
tree_print_total(FILE *out, const struct tree_format *format,
		 const struct tree_sample *sample)
{
	struct tree_line line = { .out = out, .format = format };
	char text[48];

	number(text, sample->age, format->raw ? 3 : 1, false);
	tree_put(&line, 8, NULL, format->separator != NULL ? text : "");
	tree_put(&line, 7, NULL, "");
	if (format->separator != NULL) {
		tree_put(&line, 7, NULL, "");
		tree_put(&line, 5, NULL, "");
	}
	snprintf(text, sizeof(text), "TOTAL of %zu", sample->count);
	tree_put(&line, -NAME_WIDTH, NULL, text);
	put_cells(&line, sample, NULL);
	if ((format->options & TREE_CMDLINE) != 0 && format->separator != NULL)
		tree_put(&line, -1, NULL, "");
	tree_finish(&line);
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
