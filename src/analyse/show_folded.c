/* SPDX-License-Identifier: MIT */
/* show_folded.c - call paths in lines, as flame graphs take them. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "analyse/names.h"
#include "analyse/show_stacks.h"
#include "report/reporttext.h"

/* Separators of the format must not stand in names. */
static void
print_folded_name(struct pmt_text name)
{
	static const struct name_escape separators[] = { { ';', ":" }, { 0 } };

	name_print(stdout, name, SIZE_MAX, separators);
}

static void
print_folded_frame(const struct stack_frame *frame, bool full_path)
{
	print_folded_name(frame->function);
	if (frame->file.length == 0)
		return;
	fputs(" (", stdout);
	print_folded_name(pmt_file_name(frame->file, full_path));
	if (frame->line > 0)
		printf(":%" PRIu32, frame->line);
	putchar(')');
}

bool
show_folded(const struct stacks *stacks, const struct reading *reading)
{
	uint32_t path[STACK_DEPTH], depth;
	bool cut;

	for (uint32_t i = 0; i < stacks->node_count; i++) {
		uint64_t value = stacks->nodes[i].values[stacks->chosen];

		if (value == 0)
			continue;
		if (reading_ends_lists(reading))
			break;
		depth = stacks_path(stacks, i, path, &cut);
		fputs(cut ? "...;" : "", stdout);
		while (depth-- > 0) {
			print_folded_frame(&stacks->frames[path[depth]],
					   reading->options->full_path);
			if (depth > 0)
				putchar(';');
		}
		printf(" %" PRIu64 "\n", value);
	}
	return true;
}
