/* SPDX-License-Identifier: MIT */
/* show_text_totals.c - what a log of allocations comes to, as text. */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "analyse/show_text.h"
#include "base/units.h"
#include "report/reporttext.h"

enum { LITTLE = 1 << 20 };	/* growth of RSS that is not worth a line */

void
show_text_allocation_sizes(const struct allocations *allocations)
{
	const struct pmt_size_tally *sizes =
		pmt_allocations_sizes(allocations->books);

	puts("\nBlocks by size\n    From     Left   Blocks     Times");
	for (size_t i = 0; i < PMT_TALLIES_SIZES; i++) {
		char texts[2][PMT_SIZE_TEXT], counts[2][PMT_NUMBER_TEXT];

		if (sizes[i].count == 0)
			continue;
		printf("%8s %8s %8s %9s\n",
		       pmt_format_size(i == 0 ? 0 : (int64_t)1 << i,
				       texts[0]),
		       pmt_format_size((int64_t)sizes[i].live, texts[1]),
		       pmt_format_count(sizes[i].blocks, counts[0]),
		       pmt_format_count(sizes[i].count, counts[1]));
	}
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

/* Not all that is left need be in memory, nor was all of it touched. */
static void
print_share(const struct pmt_allocations_totals *totals)
{
	uint64_t growth = totals->rss_end - totals->rss_begin;
	uint64_t explained = totals->all.live < growth ? totals->all.live
						       : growth;
	char sizes[2][PMT_SIZE_TEXT];

	printf("It grew by %s; what is left explains %s (%.0f%%)\n",
	       pmt_format_size((int64_t)growth, sizes[0]),
	       pmt_format_size((int64_t)explained, sizes[1]),
	       100 * (double)explained / (double)growth);
}

void
show_text_allocation_totals(const struct allocations *allocations)
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
	if (totals->rss_end > totals->rss_begin + LITTLE)
		print_share(totals);
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
