/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_stacks.h"

#include "analyse/show.h"
#include "analyse/stacks_of.h"

static bool (*const writers[])(const struct stacks *stacks,
			       const struct reading *reading) = {
	[OUTPUT_NONE] = show_folded,
	[OUTPUT_PPROF] = show_pprof,
	[OUTPUT_SPEEDSCOPE] = show_speedscope,
	[OUTPUT_FLAMEGRAPH] = show_flamegraph,
	[OUTPUT_MASSIF] = show_massif_stacks,
};

bool
show_call_paths(const struct stacks *stacks, const struct reading *reading)
{
	return writers[reading->options->output](stacks, reading);
}

void
show_stacks_make(struct stacks *stacks, const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;

	if (analysis->profile != NULL)
		stacks_of_profile(stacks, reading, analysis->profile);
	else if (analysis->leaks != NULL)
		stacks_of_reference(stacks, reading, analysis->leaks);
	else
		stacks_of_allocations(stacks, reading, analysis->allocations);
}

bool
show_stacks(const struct analysis *analysis)
{
	struct stacks stacks;
	bool shown;

	show_stacks_make(&stacks, analysis);
	shown = show_call_paths(&stacks, analysis->reading);
	stacks_fini(&stacks);
	return shown;
}
