/* SPDX-License-Identifier: MIT */
/* show_stacks.h - how are call paths shown, whatever log they are from? */
#ifndef ANALYSE_SHOW_STACKS_H
#define ANALYSE_SHOW_STACKS_H

#include <stdbool.h>

#include "analyse/reading.h"
#include "analyse/stacks.h"

/*
 * Views of the measure stacks->chosen or, where the format has room, of all:
 * folded to standard output, the others to the file that is options->out.
 * Each returns false, after a message, when it could not.
 */
bool show_call_paths(const struct stacks *stacks,
		     const struct reading *reading);	/* as options->output */
bool show_folded(const struct stacks *stacks, const struct reading *reading);
bool show_pprof(const struct stacks *stacks, const struct reading *reading);
bool show_speedscope(const struct stacks *stacks,
		     const struct reading *reading);
bool show_massif_stacks(const struct stacks *stacks,
			const struct reading *reading);	/* at one moment */
bool show_flamegraph(const struct stacks *stacks,
		     const struct reading *reading);

#endif
