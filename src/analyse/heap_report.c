/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyse/heap.h"
#include "cli/cli.h"

/* Holders of less than a tenth are left out, and trees that are deeper. */
enum { TENTH = 10, DEEPEST = 12, LARGEST = 3 };

/* Sorting by what is retained, for qsort(3). */
static const uint64_t *retained_of;

static int
by_retained(const void *a, const void *b)
{
	uint64_t one = retained_of[*(const uint32_t *)a];
	uint64_t other = retained_of[*(const uint32_t *)b];

	return one < other ? 1 : one > other ? -1 : 0;
}

/* Is it one more link of a list that was shown? */
static bool
repeats(const struct heap_snapshot *snapshot, uint32_t node, uint32_t above)
{
	uint32_t way = snapshot->paths.way[node];

	return above != PMT_NO_NODE && way != 0 &&
	       snapshot->paths.way[above] == way;
}

/* LARGE holds all that retain a tenth, the largest first. */
static void
add_below(struct heap_report *report, const uint32_t *large, uint32_t count,
	  uint32_t above, uint32_t depth)
{
	for (uint32_t i = 0; i < count && depth < DEEPEST; i++)
		if (report->dominators.above[large[i]] == above &&
		    !repeats(report->snapshot, large[i], above)) {
			report->holders[report->holder_count++] =
				(struct heap_holder){ large[i], depth };
			add_below(report, large, count, large[i], depth + 1);
		}
}

/* Nothing retains a tenth: the LARGEST of what nothing else retains. */
static void
add_largest(struct heap_report *report)
{
	const uint64_t *retained = report->dominators.retained;
	struct heap_holder *holders = report->holders;

	for (uint32_t i = 0; i < report->snapshot->heap.nodes; i++) {
		size_t place = report->holder_count;

		if (report->dominators.above[i] != PMT_NO_NODE ||
		    retained[i] == 0)
			continue;
		if (place < LARGEST)
			report->holder_count++;
		for (; place > 0 && retained[holders[place - 1].node] <
				    retained[i]; place--)
			if (place < LARGEST)
				holders[place] = holders[place - 1];
		if (place < LARGEST)
			holders[place] = (struct heap_holder){ i, 0 };
	}
}

void
heap_report_init(struct heap_report *report,
		 const struct heap_snapshot *snapshot)
{
	uint32_t nodes = snapshot->heap.nodes, count = 0;
	uint32_t *large = cli_need(calloc(nodes + (size_t)1, sizeof(*large)));
	int err;

	*report = (struct heap_report){ .snapshot = snapshot };
	err = pmt_dominators_init(&report->dominators, &snapshot->heap);
	if (err == 0)
		err = pmt_census_init(&report->census, &snapshot->heap,
				      &report->dominators);
	if (err < 0)
		cli_die(CLI_FAILED, err, "giving up");
	for (uint32_t i = 0; i < nodes; i++)
		if (report->dominators.retained[i] > 0 &&
		    report->dominators.retained[i] >=
			    report->census.bytes / TENTH)
			large[count++] = i;
	retained_of = report->dominators.retained;
	qsort(large, count, sizeof(*large), by_retained);
	report->holders = cli_need(calloc(count + (size_t)LARGEST,
					  sizeof(*report->holders)));
	add_below(report, large, count, PMT_NO_NODE, 0);
	report->scattered = count == 0;
	if (report->scattered)
		add_largest(report);
	free(large);
}

void
heap_report_fini(struct heap_report *report)
{
	pmt_census_fini(&report->census);
	pmt_dominators_fini(&report->dominators);
	free(report->holders);
}

void
heap_holder_text(const struct heap_report *report,
		 const struct heap_holder *holder, char text[HEAP_TEXT])
{
	const struct pmt_paths *paths = &report->snapshot->paths;

	if (paths->way[holder->node] == 0)
		snprintf(text, HEAP_TEXT, "garbage waiting for the collector");
	else
		pmt_path_text(paths, holder->node, text, HEAP_TEXT);
}
