/* SPDX-License-Identifier: MIT */
/* show_folded.c - call paths and stacks, as flame graphs take them. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "analyse/show.h"
#include "analyse/tables.h"
#include "base/escape.h"
#include "report/reporttext.h"

/* Separators of the format must not stand in names. */
static void
print_folded_name(struct pmt_text name)
{
	size_t length;
	bool safe;

	for (size_t i = 0; i < name.length; i += length) {
		length = pmt_character(name.bytes + i, name.length - i, &safe);
		if (!safe || name.bytes[i] == ';')
			putchar(safe ? ':' : '?');
		else
			fwrite(name.bytes + i, 1, length, stdout);
	}
}

static void
print_folded_path(const struct reading *reading,
		  const struct pmt_growth_node *nodes, uint32_t node)
{
	uint32_t path[256], depth = 0;
	bool cut;

	for (; node != 0 && depth < PMT_ARRAY_SIZE(path);
	     node = nodes[node].parent)
		path[depth++] = node;
	cut = node != 0;
	if (cut)
		fputs("...", stdout);
	if (depth == 0)
		fputs("?", stdout);
	while (depth-- > 0) {
		const struct pmt_growth_node *here = &nodes[path[depth]];
		const struct entry entry = { .function = here->function };

		if (cut)
			putchar(';');
		cut = true;
		print_folded_name(entry_function(reading, &entry));
		if (here->file == PMT_NO_NAME)
			continue;
		fputs(" (", stdout);
		print_folded_name(pmt_file_name(
			pmt_sites_name(reading->sites, here->file),
			reading->options->full_path));
		putchar(')');
	}
}

bool
show_folded_profile(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	uint32_t count;
	const struct pmt_growth_node *nodes =
		pmt_growth_nodes(analysis->profile->growth, &count);

	for (uint32_t i = 0; i < count && !reading_ends_lists(reading); i++) {
		if (nodes[i].change.grown == 0)
			continue;
		print_folded_path(reading, nodes, i);
		printf(" %" PRIu64 "\n", nodes[i].change.grown);
	}
	return true;
}

/* The stack of NODE, from its outermost function in. */
static void
print_folded_stack(const struct analysis *analysis, uint32_t node)
{
	const struct reading *reading = analysis->reading;
	const struct pmt_alloc_node *nodes =
		analysis->allocations->names->nodes;
	uint32_t stack[256], depth = 0;

	for (; node != 0 && depth < PMT_ARRAY_SIZE(stack);
	     node = nodes[node - 1].caller)
		stack[depth++] = node;
	if (depth == 0)
		fputs("(no Python code)", stdout);
	if (node != 0)
		fputs("...;", stdout);
	while (depth-- > 0) {
		const struct pmt_site *site = pmt_sites_get(
			reading->sites, nodes[stack[depth] - 1].site);

		print_folded_name(pmt_sites_name(reading->sites,
						 site->function));
		fputs(" (", stdout);
		print_folded_name(pmt_file_name(
			pmt_sites_name(reading->sites, site->file),
			reading->options->full_path));
		printf(":%" PRIu32 ")%s", site->line, depth > 0 ? ";" : "");
	}
}

/* With what is left at the end, or what --sort names. */
bool
show_folded_allocations(const struct analysis *analysis)
{
	const struct allocations *allocations = analysis->allocations;
	enum pmt_order order = analysis->reading->options->choice.order;
	uint32_t count = allocations->names->node_count;

	for (uint32_t node = 0;
	     node <= count && !reading_ends_lists(analysis->reading); node++) {
		struct pmt_alloc_sum sum =
			pmt_allocations_node(allocations->books, node);
		uint64_t value = allocations_rank(&sum, order);

		if (value == 0)
			continue;
		print_folded_stack(analysis, node);
		printf(" %" PRIu64 "\n", value);
	}
	return true;
}
