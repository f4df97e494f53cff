/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/top.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct {
	const char *name;
	char key;
	enum tree_order order;
} orders[] = {
	{ "tree", 't', TREE_BY_TREE }, { "rss", 'r', TREE_BY_RSS },
	{ "change", 'd', TREE_BY_CHANGE }, { "pss", 'u', TREE_BY_PSS },
	{ "cpu", 'c', TREE_BY_CPU }, { "pid", 'p', TREE_BY_PID },
};

static struct termios saved;
static bool keyboard;

static void
note_resize(int signal)
{
	(void)signal;		/* it interrupts the wait, that is all */
}

bool
tree_order_named(const char *name, enum tree_order *order)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(orders); i++) {
		if (strcmp(name, orders[i].name) == 0) {
			*order = orders[i].order;
			return true;
		}
	}
	return false;
}

void
tree_top_begin(void)
{
	struct sigaction resize = { .sa_handler = note_resize };
	struct termios raw;

	keyboard = tcgetattr(STDIN_FILENO, &saved) == 0 &&
		   tcgetpgrp(STDIN_FILENO) == getpgrp();
	if (keyboard) {
		raw = saved;
		raw.c_lflag &= (tcflag_t)~(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	sigemptyset(&resize.sa_mask);
	sigaction(SIGWINCH, &resize, NULL);
	/* The other screen, no cursor, long lines cut. */
	fputs("\033[?1049h\033[?25l\033[?7l", stdout);
	fflush(stdout);
	atexit(tree_top_end);
}

void
tree_top_end(void)
{
	static bool ended;

	if (ended)
		return;
	ended = true;
	fputs("\033[?7h\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	if (keyboard)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

int
tree_top_keys(void)
{
	return keyboard ? STDIN_FILENO : -1;
}

bool
tree_top_key(enum tree_order *order)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n < 0)
		keyboard = false;	/* hung up; no key at all is 0 */
	for (ssize_t i = 0; i < n; i++) {
		if (keys[i] == 'q' || keys[i] == 'Q')
			return false;
		for (size_t j = 0; j < PMT_ARRAY_SIZE(orders); j++) {
			if (keys[i] == orders[j].key)
				*order = orders[j].order;
		}
	}
	return true;
}

static uint64_t cpu_elapsed;	/* for compare, which qsort gives no context */
static enum tree_order compare_by;

static double
weight(const struct pmt_proctree_node *node)
{
	static const struct tree_column cpu = {
		.kind = TREE_CPU_PERCENT,
		.fact = offsetof(struct pmt_proc, user),
		.fact2 = offsetof(struct pmt_proc, system),
	};

	switch (compare_by) {
	case TREE_BY_RSS:
		return (double)node->now.rss;
	case TREE_BY_CHANGE:
		return node->before == NULL ? 0 :
		       (double)node->now.rss - (double)node->before->rss;
	case TREE_BY_PSS:
		return (double)node->now.pss;
	case TREE_BY_CPU:
		return tree_cell(&cpu, node, cpu_elapsed).value;
	case TREE_BY_PID:
	case TREE_BY_TREE:
		break;
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct pmt_proctree_node *x = a, *y = b;
	double wx = weight(x), wy = weight(y);

	if (wx != wy)
		return wx < wy ? 1 : -1;
	return (x->now.pid > y->now.pid) - (x->now.pid < y->now.pid);
}

struct pmt_proctree_node *
tree_sorted(const struct tree_sample *sample, enum tree_order order)
{
	struct pmt_proctree_node *nodes = reallocarray(NULL, sample->count + 1,
						       sizeof(*nodes));

	if (nodes == NULL)
		cli_die(CLI_FAILED, errno, "cannot sort");
	if (sample->count > 0)
		memcpy(nodes, sample->nodes, sample->count * sizeof(*nodes));
	if (order == TREE_BY_TREE)
		return nodes;
	for (size_t i = 0; i < sample->count; i++)
		nodes[i].depth = 0;
	compare_by = order;
	cpu_elapsed = sample->elapsed;
	qsort(nodes, sample->count, sizeof(*nodes), compare);
	return nodes;
}

/* Put TEXT on the screen line by line, each one cleared to its end. */
static void
show(char *text, int lines)
{
	char *line, *end;

	fputs("\033[H", stdout);
	for (line = text; lines > 0 && *line != '\0'; line = end + 1, lines--) {
		end = strchr(line, '\n');
		printf("%.*s\033[K%s", (int)(end - line), line,
		       lines > 1 ? "\r\n" : "");
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}

void
tree_top_draw(struct tree_format *format, const struct tree_sample *sample,
	      enum tree_order order, const char *headline)
{
	struct winsize size = { 0 };
	struct pmt_proctree_node *nodes = tree_sorted(sample, order);
	struct tree_sample sorted = *sample;
	char *text = NULL;
	size_t length, rows;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		cli_die(CLI_FAILED, errno, "cannot draw");
	/* A serial line, or a container's terminal, does not know its size. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_row == 0)
		size.ws_row = 24;
	format->width = cli_width(stdout);
	sorted.nodes = nodes;
	rows = size.ws_row > 4 ? size.ws_row - 4u : 1;
	fprintf(out, "%.*s\n", format->width, headline);
	tree_print_titles(out, format);
	tree_print_total(out, format, &sorted);
	for (size_t i = 0; i < sorted.count && i < rows; i++)
		tree_print_row(out, format, &sorted, i);
	if (sorted.count > rows)
		fprintf(out, "... %zu more\n", sorted.count - rows);
	free(nodes);
	if (fclose(out) != 0)
		cli_die(CLI_FAILED, errno, "cannot draw");
	show(text, size.ws_row);
	free(text);
}
