/* SPDX-License-Identifier: MIT */
/* show_stacks.h - how are call paths shown, whatever log they are from? */
#ifndef ANALYSE_SHOW_STACKS_H
#define ANALYSE_SHOW_STACKS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

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

/*
 * Call paths as a picture, in a file or as a part of a page, there with at most
 * MOST boxes.  COMPARED: measure 0 is new, 1 is old; boxes are as wide as what
 * is chosen, and red or blue.
 */
bool flamegraph_write(const char *path, const struct stacks *stacks,
		      bool compared, const char *heading);
void flamegraph_put(FILE *out, const struct stacks *stacks, bool compared,
		    uint32_t most);

#endif
