/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_limits.h"

#include "cli/limits.h"

static uint64_t
peak_of(const struct pmt_footprints *footprints)
{
	uint64_t peak = (uint64_t)footprints->peak_rss;
	uint64_t noted = footprints->end.memory.peak_rss;

	/* What the kernel noted was higher than any row. */
	return footprints->end.noted && noted != PMT_MEMORY_UNKNOWN &&
	       noted > peak ? noted : peak;
}

static uint64_t
highest(const struct analysis *analysis)
{
	if (analysis->profile != NULL)
		return peak_of(&analysis->profile->footprints);
	if (analysis->leaks != NULL)
		return peak_of(pmt_leaks_footprints(analysis->leaks));
	return analysis->allocations == NULL ? 0 :
	       pmt_allocations_totals(analysis->allocations->books)->rss_peak;
}

bool
show_limits(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct cli_limits *limits = &reading->options->limits;
	const char *log = reading->path;
	bool exceeded = cli_limits_of_peak(limits, log, highest(analysis));

	if (analysis->leaks != NULL)
		return !(cli_limits_of_objects(limits, log, analysis->leaks,
					       reading->sites) || exceeded);
	if (limits->leak_count > 0)
		exceeded |= cli_limits_exceeded(log, "it is no log of objects, "
						"as --fail-on-leak needs");
	if (analysis->profile != NULL)
		return !(cli_limits_of_memory(limits, log,
					      &analysis->profile->footprints) ||
			 exceeded);
	if (limits->growth)
		exceeded |= cli_limits_exceeded(log, "it is a log of "
						"allocations, which "
						"--fail-on-growth cannot "
						"judge");
	return !exceeded;
}

bool
show_limits_of_none(const struct options *options, const char *path)
{
	return !options_have_limits(options) ||
	       !cli_limits_exceeded(path, "it is no log, and has no limits");
}
