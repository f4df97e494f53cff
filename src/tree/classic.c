/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/classic.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/commandline.h"
#include "tree/text.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"

#define DEEPEST_INDENT 64

enum change { NONE, SIGNED, UNSIGNED };

struct column {
	const char *name;	/* in tree_columns */
	const char *unit;
	double per;		/* so many make one */
	int digits, width;
	bool grouped;		/* 1,234 */
	enum change change;	/* the column of changes beside it */
};

static const struct column columns[] = {
	{ "RSS", "(MB)", 1048576, 1, 8, true, SIGNED },
	{ "USS", "(MB)", 1048576, 1, 8, true, SIGNED },
	{ "PFaults", "", 1, 0, 12, true, SIGNED },
	{ "CPU", "(%)", 1, 1, 8, false, SIGNED },
	{ "User", "(s)", 1e9, 3, 8, true, NONE },
	{ "Sys", "(s)", 1e9, 3, 8, true, NONE },
	{ "Ctx", "(m)", 1e6, 1, 8, true, UNSIGNED },
	{ "Thrds", "", 1, 0, 6, true, SIGNED },
	{ "Status", "", 1, 0, 10, false, UNSIGNED },
	{ "Files", "", 1, 0, 6, false, UNSIGNED },
	{ "Net", "", 1, 0, 6, false, UNSIGNED },
};

struct use {
	pid_t pid;
	double percent;
};

struct tree_classic {
	const struct tree_format *format;
	struct use *uses;	/* by pid */
	size_t count;
};

struct tree_classic *
tree_classic_new(const struct tree_format *format)
{
	struct tree_classic *classic = cli_need(calloc(1, sizeof(*classic)));

	classic->format = format;
	return classic;
}

void
tree_classic_free(struct tree_classic *classic)
{
	if (classic != NULL)
		free(classic->uses);
	free(classic);
}

static int
by_pid(const void *a, const void *b)
{
	pid_t one = ((const struct use *)a)->pid;
	pid_t two = ((const struct use *)b)->pid;

	return (one > two) - (one < two);
}

/* Which of the columns it is, or NULL: one that is not shown. */
static const struct column *
column_of(const struct tree_column *column, unsigned options)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(columns); i++)
		if ((column->option & options) != 0 &&
		    strcmp(column->name, columns[i].name) == 0)
			return &columns[i];
	return NULL;
}

void
tree_classic_titles(FILE *out, const struct tree_classic *classic)
{
	const struct tree_format *format = classic->format;
	struct tree_line line = { .out = out, .format = format };
	char title[32];

	tree_put(&line, -8, NULL, "Time(s)");
	tree_put(&line, 6, NULL, "PID");
	tree_put(&line, -24, NULL, "Name");
	for (size_t i = 0; i < tree_column_count; i++) {
		const struct column *column = column_of(&tree_columns[i],
							format->options);

		if (column == NULL)
			continue;
		snprintf(title, sizeof(title), "d%s%s", column->name,
			 column->unit);
		tree_put(&line, column->width, NULL, title + 1);
		if (column->change != NONE)
			tree_put(&line, column->width, NULL, title);
	}
	if ((format->options & TREE_CMDLINE) != 0)
		tree_put(&line, 0, NULL, "CmdLine");
	tree_finish(&line);
}

/* The number with a comma before each three digits but the first ones. */
static void
put_number(struct tree_line *line, const struct column *column, double value,
	   bool sign, const char *colour)
{
	char plain[48], text[64], *p = text;
	const char *digits = plain, *point;

	snprintf(plain, sizeof(plain), sign ? "%+.*f" : "%.*f",
		 column->digits, value / column->per);
	/* A loss too small to show is none. */
	if (sign && strspn(plain, "-0.") == strlen(plain))
		plain[0] = '+';
	if (!isdigit((unsigned char)*digits))
		*p++ = *digits++;
	point = digits + strcspn(digits, ".");
	for (; digits < point; digits++) {
		*p++ = *digits;
		if (column->grouped && digits + 1 < point &&
		    (point - digits - 1) % 3 == 0)
			*p++ = ',';
	}
	strcpy(p, point);
	tree_put(line, column->width, colour, text);
}

static double
change_of(const struct tree_classic *classic, const struct tree_column *column,
	  const struct pmt_proctree_node *node, const struct tree_cell *cell)
{
	struct use key = { .pid = node->now.pid }, *found = NULL;

	if (column->kind != TREE_CPU_PERCENT)
		return cell->changed ? cell->change : cell->value;
	if (node->before != NULL && classic->count > 0)
		found = bsearch(&key, classic->uses, classic->count,
				sizeof(key), by_pid);
	return cell->value - (found != NULL ? found->percent : 0);
}

static void
put_status(struct tree_line *line, const struct pmt_proctree_node *node)
{
	const char *name = pmt_proc_state_name(node->now.state);
	bool same = node->before != NULL &&
		    node->before->state == node->now.state;

	tree_put(line, 10, NULL, name);
	tree_put(line, 10, RED, same ? "" : name);
}

/* False: access was denied, and the rest of the row is left out. */
static bool
put_cells(struct tree_line *line, const struct tree_classic *classic,
	  const struct tree_sample *sample,
	  const struct pmt_proctree_node *node)
{
	for (size_t i = 0; i < tree_column_count; i++) {
		const struct column *column = column_of(&tree_columns[i],
							sample->options);
		struct tree_cell cell;
		double change;

		if (column == NULL)
			continue;
		if (tree_columns[i].kind == TREE_STATE) {
			put_status(line, node);
			continue;
		}
		cell = tree_cell(&tree_columns[i], node, sample->elapsed);
		if (cell.state == TREE_DENIED)
			return false;
		put_number(line, column, cell.value, false, NULL);
		change = change_of(classic, &tree_columns[i], node, &cell);
		if (column->change != NONE)
			put_number(line, column, change,
				   column->change == SIGNED, change > 0 ?
				   RED : change < 0 ? GREEN : NULL);
	}
	return true;
}

/* The first columns; of all processes only the root has a time. */
static void
put_name(struct tree_line *line, const struct tree_sample *sample, size_t i)
{
	const struct pmt_proc *proc = &sample->nodes[i].now;
	bool table = line->format->separator == NULL;
	int indent = table ? (int)sample->nodes[i].depth * 2 : 0;
	char text[DEEPEST_INDENT + PMT_ESCAPED_SIZE(PMT_PROC_NAME)];
	size_t length;

	snprintf(text, sizeof(text), "%.1f", sample->age);
	tree_put(line, 8, NULL, i == 0 ? text : "");
	if (indent > DEEPEST_INDENT)
		indent = DEEPEST_INDENT;
	snprintf(text, sizeof(text), table ? "%*s %5d" : "%*s%d", indent, "",
		 (int)proc->pid);
	tree_put(line, 6, NULL, text);
	text[0] = '"';
	length = pmt_escape_text(proc->name, strlen(proc->name), text + 1);
	strcpy(text + 1 + length, "\"");
	tree_put(line, -24, NULL, text);
}

static void
print_row(FILE *out, const struct tree_classic *classic,
	  const struct tree_sample *sample, size_t i)
{
	struct tree_line line = { .out = out, .format = classic->format };
	const struct pmt_proctree_node *node = &sample->nodes[i];
	char *command;

	put_name(&line, sample, i);
	if (!put_cells(&line, classic, sample, node)) {
		tree_put(&line, 0, YELLOW, "ACCESS DENIED");
	} else if ((sample->options & TREE_CMDLINE) != 0) {
		command = cli_command_line(classic->format->fs, &node->now);
		tree_put(&line, 0, NULL, command != NULL ? command : "");
		free(command);
	}
	tree_finish(&line);
}

static double
percent_of(const struct tree_sample *sample, size_t i)
{
	for (size_t c = 0; c < tree_column_count; c++)
		if (tree_columns[c].kind == TREE_CPU_PERCENT)
			return tree_cell(&tree_columns[c], &sample->nodes[i],
					 sample->elapsed).value;
	return 0;
}

void
tree_classic_sample(FILE *out, struct tree_classic *classic,
		    const struct tree_sample *sample)
{
	struct use *uses = cli_need(calloc(sample->count + 1, sizeof(*uses)));

	for (size_t i = 0; i < sample->count; i++) {
		if (out != NULL)
			print_row(out, classic, sample, i);
		uses[i] = (struct use){ sample->nodes[i].now.pid,
					percent_of(sample, i) };
	}
	qsort(uses, sample->count, sizeof(*uses), by_pid);
	free(classic->uses);
	classic->uses = uses;
	classic->count = sample->count;
}
