/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/memoryreport.h"

#include "base/units.h"
#include "books/shares.h"

/* Bytes that would be shown as 0.0 MiB of all three moments. */
enum { SHOWN = 3 * 52428 };

static double
mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void
print_row(FILE *out, const char *name, const uint64_t bytes[3])
{
	fprintf(out, "  %-34s %10.1f %10.1f %10.1f\n", name, mib(bytes[0]),
		mib(bytes[1]), mib(bytes[2]));
}

static void
print_shares(FILE *out, const struct pmt_footprint *const moments[3])
{
	uint64_t shares[3][PMT_SHARES], rss[3];

	for (int i = 0; i < 3; i++) {
		pmt_shares_make(&moments[i]->memory, shares[i]);
		rss[i] = moments[i]->memory.rss;
	}
	fprintf(out, "%-36s %10s %10s %10s\n", "Memory (MiB)", "start",
		"peak", "end");
	for (enum pmt_share share = 0; share < PMT_SHARES; share++) {
		const uint64_t bytes[3] = { shares[0][share], shares[1][share],
					    shares[2][share] };

		if (bytes[0] + bytes[1] + bytes[2] > SHOWN)
			print_row(out, pmt_share_name(share), bytes);
	}
	print_row(out, "all of it: RSS", rss);
}

/* Of processes that forked, or were. */
static void
print_sharing(FILE *out, const struct pmt_footprints *footprints)
{
	const struct pmt_memory *end = &footprints->end.memory;
	char sizes[2][PMT_SIZE_TEXT];
	uint64_t unshared;

	if (end->pss == PMT_MEMORY_UNKNOWN ||
	    end->private == PMT_MEMORY_UNKNOWN)
		return;
	fprintf(out, "Shared: %s are of no other process, PSS is %s\n",
		pmt_format_size((int64_t)end->private, sizes[0]),
		pmt_format_size((int64_t)end->pss, sizes[1]));
	if (pmt_footprints_unshared(footprints, &unshared))
		fprintf(out, "Copied: %s of %s that were its parent's, too, "
			"when it was forked\n",
			pmt_format_size((int64_t)unshared, sizes[0]),
			pmt_format_size((int64_t)footprints->start.memory
					.inherited, sizes[1]));
}

void
pmt_print_footprints(FILE *out, const struct pmt_footprints *footprints)
{
	const struct pmt_footprint *const moments[3] = {
		&footprints->start, &footprints->peak, &footprints->end,
	};
	char sizes[3][PMT_SIZE_TEXT];

	if (footprints->start.noted) {
		print_shares(out, moments);
		print_sharing(out, footprints);
	} else if (footprints->peak_rss > 0) {
		fprintf(out, "Memory (RSS): %s at first, %s at most, %s at "
			"last\n",
			pmt_format_size(footprints->first_rss, sizes[0]),
			pmt_format_size(footprints->peak_rss, sizes[1]),
			pmt_format_size(footprints->last_rss, sizes[2]));
	}
}
