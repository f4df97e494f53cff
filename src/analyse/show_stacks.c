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
};

bool
show_stacks(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	struct stacks stacks;
	bool shown;

	if (analysis->profile != NULL)
		stacks_of_profile(&stacks, reading, analysis->profile);
	else if (analysis->leaks != NULL)
		stacks_of_reference(&stacks, reading, analysis->leaks);
	else
		stacks_of_allocations(&stacks, reading,
				      analysis->allocations);
	shown = writers[reading->options->output](&stacks, reading);
	stacks_fini(&stacks);
	return shown;
}
