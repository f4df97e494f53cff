/* SPDX-License-Identifier: MIT */
/* show_text_allocations.c - a log of allocations as text. */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/allocations.h"
#include "analyse/show.h"
#include "analyse/show_text.h"
#include "base/units.h"
#include "books/leakgroups.h"
#include "report/reporttext.h"

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

/* "leak.py:29 say", "libc.so.6 qsort", or "libz.so.1+0x1234" */
static void
print_site(const struct reading *reading, uint32_t file, uint32_t line,
	   uint32_t function)
{
	struct pmt_text name;

	pmt_print_name(stdout, pmt_file_name(
		pmt_sites_name(reading->sites, file),
		reading->options->full_path), 0);
	if (line != PMT_NO_PART && line != 0)
		printf(":%" PRIu32, line);
	if (function == PMT_NO_PART)
		return;
	name = pmt_sites_name(reading->sites, function);
	if (name.length == 0 || name.bytes[0] != '+')
		putchar(' ');
	pmt_print_name(stdout, name, 0);
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
		print_site(analysis->reading, site->file, site->line,
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
print_holding(const struct analysis *analysis, const struct holding *holding,
	      enum pmt_order order)
{
	const struct allocations *allocations = analysis->allocations;
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
		print_site(analysis->reading, holding->file, holding->line,
			   holding->function);
	putchar('\n');
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
	struct holding *list = allocations_by(reading, analysis->allocations,
					      grouping->by, order, &count);

	while (listed < count &&
	       allocations_rank(&list[listed].sum, order) > 0)
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

static void
print_sample(const struct pmt_allocations_totals *totals)
{
	char sizes[2][PMT_SIZE_TEXT];
	double error = 2 * sqrt((double)totals->all.live *
				(double)totals->rate);

	printf("An estimate, from a sample every %s: what is left is right "
	       "to %s,\n19 times out of 20\n",
	       pmt_format_size((int64_t)totals->rate, sizes[0]),
	       pmt_format_size((int64_t)error, sizes[1]));
}

static void
print_totals(const struct allocations *allocations)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	char sizes[3][PMT_SIZE_TEXT], counts[2][PMT_NUMBER_TEXT];

	printf("%s: %s in %s blocks\n", totals->ended
	       ? "Left when the program ended" : "Left when the log ends",
	       pmt_format_size((int64_t)totals->all.live, sizes[0]),
	       pmt_format_count(totals->all.blocks, counts[0]));
	printf("At the peak: %s in %s blocks\n",
	       pmt_format_size((int64_t)totals->all.at_peak, sizes[0]),
	       pmt_format_count(totals->all.blocks_at_peak, counts[0]));
	printf("Allocated: %s in %s blocks, %s of them freed as the last\n",
	       pmt_format_size((int64_t)totals->all.total, sizes[0]),
	       pmt_format_count(totals->all.count, counts[0]),
	       totals->rate > 0 ? "unknown how many"
		: pmt_format_count(totals->all.temporary, counts[1]));
	if (totals->rss_end > 0)
		printf("Memory (RSS): %s at first, %s at last\n",
		       pmt_format_size((int64_t)totals->rss_begin, sizes[0]),
		       pmt_format_size((int64_t)totals->rss_end, sizes[1]));
	if (totals->arena_blocks > 0)
		printf("For small objects and frames: %s in %s arenas\n",
		       pmt_format_size((int64_t)totals->arenas, sizes[0]),
		       pmt_format_count(totals->arena_blocks, counts[0]));
	if (totals->before > 0)
		printf("Not counted: %s of before the program's first line\n",
		       pmt_format_size((int64_t)totals->before, sizes[0]));
	if (totals->rate > 0)
		print_sample(totals);
	for (size_t i = 0; i < allocations->lack_count; i++)
		pmt_print_wrapped(stdout, "Missing: ", allocations->lacks[i]);
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
	print_totals(analysis->allocations);
	if (options->choice.order != PMT_ORDER_DEFAULT) {
		for (size_t i = 0; i < PMT_ARRAY_SIZE(groupings); i++)
			if (is_wanted(analysis, groupings[i].by))
				print_table(analysis, "As asked for",
					    &groupings[i],
					    options->choice.order);
		return true;
	}
	for (size_t k = 0; k < (options->brief ? 1
				: PMT_ARRAY_SIZE(rankings)); k++)
		for (size_t i = 0; i < PMT_ARRAY_SIZE(groupings); i++)
			if (is_wanted(analysis, groupings[i].by))
				print_table(analysis, rankings[k].title,
					    &groupings[i],
					    rankings[k].order);
	return true;
}
