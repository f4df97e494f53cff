/* SPDX-License-Identifier: MIT */
/* show_compare_picture.c - call paths: those that grew red, others blue. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "analyse/show_compare.h"
#include "analyse/show_stacks.h"
#include "cli/cli.h"

bool
show_compare_picture(const struct stacks *stacks,
		     const struct options *options)
{
	const char *new = options->paths[COMPARE_NEW];
	char *heading;
	bool written;

	if (stacks == NULL) {
		cli_warn(0, "'%s' and what it is compared with have no call "
			 "paths to draw", new);
		return false;
	}
	if (asprintf(&heading, "%s, changed since %s", new,
		     options->paths[COMPARE_OLD]) == -1)
		cli_need(NULL);
	written = flamegraph_write(options->out, stacks, true, heading);
	free(heading);
	return written;
}
