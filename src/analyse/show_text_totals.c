/* SPDX-License-Identifier: MIT */
/* show_text_totals.c - what a log of allocations comes to, as text. */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "analyse/show_text.h"
#include "base/units.h"
#include "books/shares.h"
#include "report/reporttext.h"

enum {
	LITTLE = 1 << 20,	/* growth of RSS that is not worth a line */
	SHOWN = 2 * 52428,	/* bytes that would not be shown as 0.0 MiB */
};

void
show_text_allocation_sizes(const struct allocations *allocations)
{
	const struct pmt_size_tally *sizes =
		pmt_allocations_sizes(allocations->books);

	puts("\nBlocks by size\n    From     Left   Blocks     Times");
	for (size_t i = 0; i < PMT_TALLIES_SIZES; i++) {
		char texts[2][PMT_SIZE_TEXT], counts[2][PMT_NUMBER_TEXT];

		if (sizes[i].count == 0 && sizes[i].blocks == 0)
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

static double
mib(uint64_t bytes)
{
	return (double)(int64_t)bytes / (1 << 20);
}

static void
print_share(const char *name, uint64_t begin, uint64_t end)
{
	/* Of 0.0 there is one sign only. */
	printf("  %-34s %10.1f %10.1f %+10.1f\n", name, mib(begin), mib(end),
	       round(10 * mib(end - begin)) / 10 + 0.0);
}

/* Of what memory is made, and which part of its growth is named below. */
static void
print_memory(const struct allocations *allocations)
{
	const struct pmt_memory *begin = &allocations->begin.memory;
	const struct pmt_memory *end = &allocations->end.memory;
	uint64_t shares[2][PMT_SHARES], explained;
	uint64_t growth = allocations_growth(allocations, &explained);

	pmt_shares_make(begin, shares[0]);
	pmt_shares_make(end, shares[1]);
	printf("%-36s %10s %10s %10s\n", "Memory (MiB)", "first line",
	       "end", "growth");
	for (enum pmt_share share = 0; share < PMT_SHARES; share++)
		if (shares[0][share] + shares[1][share] > SHOWN)
			print_share(pmt_share_name(share), shares[0][share],
				    shares[1][share]);
	print_share("all of it: RSS", begin->rss, end->rss);
	if (growth > LITTLE)
		printf("  %-34s %32.1f (%.0f%%)\n",
		       "of that, what is left explains", mib(explained),
		       100 * (double)explained / (double)growth);
}

/* Where nobody told of more than RSS. */
static void
print_growth(const struct allocations *allocations)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	uint64_t explained, growth = allocations_growth(allocations,
							&explained);
	char sizes[2][PMT_SIZE_TEXT];

	printf("Memory (RSS): %s at first, %s at last\n",
	       pmt_format_size((int64_t)totals->rss_begin, sizes[0]),
	       pmt_format_size((int64_t)totals->rss_end, sizes[1]));
	if (growth > LITTLE)
		printf("It grew by %s; what is left explains %s (%.0f%%)\n",
		       pmt_format_size((int64_t)growth, sizes[0]),
		       pmt_format_size((int64_t)explained, sizes[1]),
		       100 * (double)explained / (double)growth);
}

/* Neither need have been touched, nor is all of it in use. */
static void
print_maps(const struct allocations *allocations)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	uint64_t used = allocations->end.memory.python_used;
	char sizes[2][PMT_SIZE_TEXT], count[PMT_NUMBER_TEXT];

	if (totals->arena_blocks > 0)
		printf("For small objects and frames: %s in %s arenas",
		       pmt_format_size((int64_t)totals->arenas, sizes[0]),
		       pmt_format_count(totals->arena_blocks, count));
	if (totals->arena_blocks > 0 && allocations->end.noted &&
	    used != PMT_MEMORY_UNKNOWN)
		printf(", objects use %s",
		       pmt_format_size((int64_t)used, sizes[1]));
	if (totals->arena_blocks > 0)
		putchar('\n');
	if (totals->all.mapped > LITTLE)
		printf("Left in maps, perhaps untouched, or cut up by an "
		       "allocator: %s\n",
		       pmt_format_size((int64_t)totals->all.mapped, sizes[0]));
}

void
show_text_allocation_totals(const struct allocations *allocations)
{
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	char sizes[1][PMT_SIZE_TEXT], counts[2][PMT_NUMBER_TEXT];

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
	if (allocations->begin.noted && allocations->end.noted)
		print_memory(allocations);
	else if (totals->rss_end > 0)
		print_growth(allocations);
	print_maps(allocations);
	if (totals->before > 0)
		printf("Not counted: %s of before the program's first line\n",
		       pmt_format_size((int64_t)totals->before, sizes[0]));
	if (totals->rate > 0)
		print_sample(totals);
	for (size_t i = 0; i < allocations->lack_count; i++)
		pmt_print_wrapped(stdout, "Missing: ", allocations->lacks[i]);
}
