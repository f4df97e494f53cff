/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/display.h"

static const struct {
	const char *name;
	char key;
	enum tree_order order;
} orders[] = {
	{ "tree", 't', TREE_BY_TREE }, { "rss", 'r', TREE_BY_RSS },
	{ "change", 'd', TREE_BY_CHANGE }, { "pss", 'u', TREE_BY_PSS },
	{ "cpu", 'c', TREE_BY_CPU }, { "pid", 'p', TREE_BY_PID },
};

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

bool
tree_top_key(enum tree_order *order)
{
	char keys[64];
	size_t n = cli_display_read(keys, sizeof(keys));

	for (size_t i = 0; i < n; i++) {
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

void
tree_top_draw(struct tree_format *format, const struct tree_sample *sample,
	      enum tree_order order, const char *headline)
{
	struct pmt_proctree_node *nodes = tree_sorted(sample, order);
	struct tree_sample sorted = *sample;
	char *text = NULL;
	int lines = cli_display_lines();
	size_t length, rows = lines > 4 ? (size_t)lines - 4 : 1;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		cli_die(CLI_FAILED, errno, "cannot draw");
	format->width = cli_width(stdout);
	sorted.nodes = nodes;
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
	cli_display_show(text);
	free(text);
}
