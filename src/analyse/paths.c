/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/paths.h"

#include <stdint.h>
#include <stdlib.h>

#include "cli/cli.h"

static int
compare_moved(const void *left, const void *right)
{
	const struct entry *a = *(const struct entry *const *)left;
	const struct entry *b = *(const struct entry *const *)right;
	uint64_t x = a->change.grown + a->change.released;
	uint64_t y = b->change.grown + b->change.released;

	if (x != y)
		return x < y ? 1 : -1;
	return (a->node > b->node) - (a->node < b->node);
}

static struct entry *
add_up_tree(const struct pmt_growth_node *nodes, uint32_t count)
{
	struct entry *entries = cli_need(calloc(count + 1, sizeof(*entries)));

	for (uint32_t i = 0; i < count; i++)
		entries[i] = (struct entry){
			.file = nodes[i].file, .line = PMT_NO_NAME,
			.function = nodes[i].function, .in_c = nodes[i].in_c,
			.times = nodes[i].times, .node = i,
			.change = nodes[i].change,
		};
	for (uint32_t i = 1; i < count; i++)
		entries[i].depth = entries[nodes[i].parent].depth + 1;
	for (uint32_t i = count; i-- > 1;)
		add_change(&entries[nodes[i].parent].change,
			   &entries[i].change);
	return entries;
}

/* Put the paths to be listed into ORDER, those that moved most first. */
static uint32_t
choose_paths(const struct options *options, const struct entry *entries,
	     uint32_t count, const struct entry **order)
{
	uint32_t kept = count - 1;

	for (uint32_t i = 1; i < count; i++)
		order[i - 1] = &entries[i];
	qsort(order, count - 1, sizeof(*order), compare_moved);
	if (hides_unchanged(options))
		while (kept > 0 && !is_changed(order[kept - 1]))
			kept--;
	return kept > options->choice.top ? (uint32_t)options->choice.top :
					    kept;
}

/* Among the paths to be listed; 0 is none, for the root is nobody's. */
struct relatives {
	uint32_t child;		/* the one that moved most */
	uint32_t sibling;	/* the one that moved most after this */
};

static void
relate_paths(const struct pmt_growth_node *nodes, const struct entry **order,
	     uint32_t kept, struct relatives *relatives)
{
	/* Smallest first, so that each list begins with the biggest. */
	while (kept > 0) {
		uint32_t node = order[--kept]->node;
		struct relatives *parent = &relatives[nodes[node].parent];

		relatives[node].sibling = parent->child;
		parent->child = node;
	}
}

/* The path that is listed below NODE; 0 at the end. */
static uint32_t
next_path(const struct pmt_growth_node *nodes,
	  const struct relatives *relatives, uint32_t node)
{
	if (relatives[node].child != 0)
		return relatives[node].child;
	while (node != 0 && relatives[node].sibling == 0)
		node = nodes[node].parent;
	return relatives[node].sibling;
}

size_t
paths_list(const struct options *options, const struct pmt_growth *growth,
	   struct entry **out)
{
	uint32_t count;
	const struct pmt_growth_node *nodes = pmt_growth_nodes(growth, &count);
	struct entry *entries = add_up_tree(nodes, count);
	const struct entry **order = cli_need(calloc(count, sizeof(*order)));
	struct relatives *relatives =
		cli_need(calloc(count, sizeof(*relatives)));
	uint32_t kept = choose_paths(options, entries, count, order);
	size_t listed = 0;

	/* None moved less than one below it, so none lacks its beginning. */
	relate_paths(nodes, order, kept, relatives);
	*out = cli_need(calloc((size_t)kept + 1, sizeof(**out)));
	for (uint32_t node = relatives[0].child; node != 0;
	     node = next_path(nodes, relatives, node))
		(*out)[listed++] = entries[node];
	free(entries);
	free(order);
	free(relatives);
	return listed;
}
