/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_limits.h"

#include "cli/limits.h"

/* PEAK of rows, or what the kernel noted, if that is higher; 0: unknown. */
static uint64_t
peak_of(uint64_t peak, const struct pmt_footprint *end)
{
	uint64_t noted = end->memory.peak_rss;

	return end->noted && noted != PMT_MEMORY_UNKNOWN && noted > peak
		? noted : peak;
}

static uint64_t
peak_of_footprints(const struct pmt_footprints *footprints)
{
	return peak_of((uint64_t)footprints->peak_rss, &footprints->end);
}

static uint64_t
peak_of_allocations(const struct allocations *allocations)
{
	return peak_of(pmt_allocations_totals(allocations->books)->rss_peak,
		       &allocations->end);
}

static uint64_t
highest(const struct analysis *analysis)
{
	if (analysis->profile != NULL)
		return peak_of_footprints(&analysis->profile->footprints);
	if (analysis->leaks != NULL)
		return peak_of_footprints(pmt_leaks_footprints(
			analysis->leaks));
	return analysis->allocations == NULL ? 0 :
	       peak_of_allocations(analysis->allocations);
}

static bool
exceeds_budget(const struct analysis *analysis,
	       const struct cli_limits *limits, const char *log)
{
	uint64_t peak = highest(analysis);

	if (limits->budget > 0 && peak == 0)
		return cli_limits_exceeded(log, "it does not tell how much "
					   "memory there was, as --budget "
					   "needs");
	return cli_limits_of_peak(limits, log, peak);
}

bool
show_limits(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct cli_limits *limits = &reading->options->limits;
	const char *log = reading->path;
	bool exceeded = exceeds_budget(analysis, limits, log);

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
