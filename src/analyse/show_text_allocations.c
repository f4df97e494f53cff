/* SPDX-License-Identifier: MIT */
/* show_text_allocations.c - a log of allocations as text. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/holdings.h"
#include "analyse/show.h"
#include "analyse/show_text.h"
#include "base/units.h"
#include "books/leakgroups.h"
#include "report/reporttext.h"

enum { CURVE = 16 };		/* columns */

static const struct grouping {
	enum pmt_grouping by;
	const char *name;
} groupings[] = {
	{ PMT_GROUP_OWN, "by line of its own code" },
	{ PMT_GROUP_LINE, "by line" },
	{ PMT_GROUP_FUNCTION, "by function" },
	{ PMT_GROUP_FILE, "by file" },
	{ PMT_GROUP_PATH, "by stack" },
	{ PMT_GROUP_THREAD, "by thread" },
};

/* What is asked for; by default the first, and threads if there are some. */
static bool
is_wanted(const struct analysis *analysis, enum pmt_grouping by)
{
	unsigned int asked = analysis->reading->options->choice.group_by;

	if ((asked & PMT_GROUP_SITE) != 0)
		asked |= PMT_GROUP_LINE;
	if (asked != 0)
		return (asked & by) != 0;
	if (by == PMT_GROUP_THREAD)
		return pmt_allocations_totals(analysis->allocations->books)
			       ->threads > 1;
	return by == PMT_GROUP_OWN;
}

/* The callers of a stack, each on a line, outwards. */
static void
print_callers(const struct analysis *analysis, uint32_t node)
{
	const struct pmt_alloc_node *nodes =
		analysis->allocations->names->nodes;
	uint64_t shown = 0;

	for (node = nodes[node - 1].caller; node != 0;
	     node = nodes[node - 1].caller) {
		const struct pmt_site *site = pmt_sites_get(
			analysis->reading->sites, nodes[node - 1].site);

		if (++shown > 30) {
			printf("%46s...\n", "");
			return;
		}
		printf("%46s", "");
		show_text_site(analysis->reading, site->file, site->line,
			       site->function);
		putchar('\n');
	}
}

/* What came and went matters where that is the order, else the peak. */
static bool
shows_total(enum pmt_order order)
{
	return order == PMT_ORDER_MADE || order == PMT_ORDER_TEMPORARY;
}

static void
print_place(const struct analysis *analysis, const struct holding *holding)
{
	const struct allocations *allocations = analysis->allocations;

	if (holding->thread != 0 &&
	    holding->thread < allocations->thread_room &&
	    allocations->threads[holding->thread] != NULL)
		pmt_print_name(stdout, (struct pmt_text){
			allocations->threads[holding->thread],
			strlen(allocations->threads[holding->thread]) }, 0);
	else if (holding->thread != 0)
		printf("thread %" PRIu32, holding->thread);
	else if (holding->file == PMT_NO_PART)
		fputs("(no Python code)", stdout);
	else
		show_text_site(analysis->reading, holding->file, holding->line,
			       holding->function);
}

static void
print_holding(const struct analysis *analysis, const struct holding *holding,
	      enum pmt_order order)
{
	const struct pmt_alloc_sum *sum = &holding->sum;
	uint64_t bytes = shows_total(order) ? sum->total : sum->at_peak;
	char sizes[2][PMT_SIZE_TEXT], counts[2][PMT_NUMBER_TEXT];

	printf("%8s %8s %8s %9s %4.0f%%  ",
	       pmt_format_size((int64_t)sum->live, sizes[0]),
	       pmt_format_count(sum->blocks, counts[0]),
	       pmt_format_size((int64_t)bytes, sizes[1]),
	       pmt_format_count(sum->count, counts[1]),
	       100 * (double)sum->temporary /
		       (double)(sum->count > 0 ? sum->count : 1));
	print_place(analysis, holding);
	/* Such may have been cut up by an allocator of a library's own. */
	puts(sum->mapped > sum->live / 2 ? "  (mmap)" : "");
	if (holding->node != 0)
		print_callers(analysis, holding->node);
}

/* Rows with nothing of what they are sorted by are not listed. */
static void
print_table(const struct analysis *analysis, const char *title,
	    const struct grouping *grouping, enum pmt_order order)
{
	const struct reading *reading = analysis->reading;
	uint64_t top = reading->options->choice.top;
	size_t count, listed = 0;
	struct holding *list = holdings_by(reading, analysis->allocations,
					   grouping->by, order, &count);

	while (listed < count &&
	       holdings_rank(&list[listed].sum, order) > 0)
		listed++;
	if (listed > 0)
		printf("\n%s, %s\n%8s %8s %8s %9s %5s\n", title,
		       grouping->name, "Left", "Blocks",
		       shows_total(order) ? "Total" : "At peak", "Times",
		       "Temp.");
	for (size_t i = 0; i < listed && i < top &&
	     !reading_ends_lists(reading); i++)
		print_holding(analysis, &list[i], order);
	if (listed > top)
		printf("%8s %zu more; --top 0 shows all\n", "...",
		       listed - (size_t)top);
	free(list);
}

/* What still grew at the end, with its curve over the bytes allocated. */
static void
print_growing(const struct analysis *analysis,
	      const struct grouping *grouping)
{
	const struct reading *reading = analysis->reading;
	size_t count, shown = 0;
	struct holding *list = holdings_by(
		reading, analysis->allocations, grouping->by,
		PMT_ORDER_DEFAULT, &count);

	for (size_t i = 0; i < count && shown < reading->options->choice.top &&
	     !reading_ends_lists(reading); i++) {
		char size[PMT_SIZE_TEXT], blocks[PMT_NUMBER_TEXT];
		int64_t curve[CURVE];

		if (!list[i].growing)
			continue;
		if (shown++ == 0)
			printf("\nGrowing to the end, %s\n%8s %8s  %-*s\n",
			       grouping->name, "Left", "Blocks", CURVE,
			       "as more was allocated");
		for (size_t k = 0; k < CURVE; k++)
			curve[k] = list[i].moments[
				(k + 1) * PMT_TREND_MOMENTS / CURVE - 1];
		printf("%8s %8s  ", pmt_format_size(
				(int64_t)list[i].sum.live, size),
		       pmt_format_count(list[i].sum.blocks, blocks));
		pmt_print_curve(stdout, curve, CURVE, reading->options->utf8);
		fputs("  ", stdout);
		print_place(analysis, &list[i]);
		putchar('\n');
	}
	free(list);
}

bool
show_text_allocations(const struct analysis *analysis)
{
	static const struct ranking {
		enum pmt_order order;
		const char *title;
	} rankings[] = {
		{ PMT_ORDER_DEFAULT, "Left at the end" },
		{ PMT_ORDER_PEAK, "Held at the peak" },
		{ PMT_ORDER_TEMPORARY, "Freed as soon as allocated" },
	};
	const struct options *options = analysis->reading->options;

	show_text_heading(analysis->reading);
	show_text_allocation_totals(analysis->allocations);
	show_text_grown(analysis->reading, &analysis->allocations->grown,
			analysis->allocations, false);
	if (options->choice.order != PMT_ORDER_DEFAULT) {
		for (size_t i = 0; i < PMT_ARRAY_SIZE(groupings); i++)
			if (is_wanted(analysis, groupings[i].by))
				print_table(analysis, "As asked for",
					    &groupings[i],
					    options->choice.order);
		return true;
	}
	for (size_t i = 0; i < PMT_ARRAY_SIZE(groupings); i++)
		if (is_wanted(analysis, groupings[i].by))
			print_growing(analysis, &groupings[i]);
	for (size_t k = options->choice.when == PMT_AT_PEAK;
	     k < (options->brief ? 1 + (options->choice.when == PMT_AT_PEAK)
		  : PMT_ARRAY_SIZE(rankings)); k++)
		for (size_t i = 0; i < PMT_ARRAY_SIZE(groupings); i++)
			if (is_wanted(analysis, groupings[i].by))
				print_table(analysis, rankings[k].title,
					    &groupings[i],
					    rankings[k].order);
	if (!options->brief && !reading_ends_lists(analysis->reading))
		show_text_allocation_sizes(analysis->allocations);
	return true;
}
