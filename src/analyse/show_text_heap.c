/* SPDX-License-Identifier: MIT */
/* show_text_heap.c - a heap snapshot as text. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "analyse/heap.h"
#include "base/units.h"

static void
print_size(uint64_t bytes)
{
	char text[PMT_SIZE_TEXT];

	printf("%9s", pmt_format_size((int64_t)bytes, text));
}

static void
print_types(const struct heap_report *report, uint64_t top)
{
	const struct pmt_census *census = &report->census;

	printf("\n   Objects       Own  Retained  Type\n");
	for (uint32_t i = 0; i < census->rows && i < top; i++) {
		const struct pmt_census_row *row = &census->row[i];

		printf("%10" PRIu64 " ", row->count);
		print_size(row->bytes);
		putchar(' ');
		print_size(row->retained);
		fputs("  ", stdout);
		heap_print_text(pmt_names_text(&report->snapshot->heap.names,
					       row->type));
		putchar('\n');
	}
	if (census->rows > top)
		printf("... and %" PRIu64 " types more\n", census->rows - top);
}

static void
print_holder(const struct heap_report *report, const struct heap_holder *holder)
{
	const struct pmt_heap *heap = &report->snapshot->heap;
	uint64_t retained = report->dominators.retained[holder->node];
	char text[HEAP_TEXT];

	print_size(retained);
	printf(" %5.1f%%  %*s", 100 * (double)retained /
				(double)report->census.bytes,
	       (int)(2 * holder->depth), "");
	heap_holder_text(report, holder, text);
	heap_print_text(text);
	printf(" <");
	heap_print_text(pmt_names_text(&heap->names, heap->type[holder->node]));
	printf(">\n");
}

void
heap_text(const struct heap_report *report, const struct options *options)
{
	const struct heap_snapshot *snapshot = report->snapshot;
	char size[PMT_SIZE_TEXT];

	printf("Heap of process %" PRIu64 ", CPython ", snapshot->head.pid);
	heap_print_text(snapshot->head.python);
	printf(": ");
	heap_print_text(snapshot->path);
	printf("\n%" PRIu64 " objects, %" PRIu32 " references, ",
	       report->census.count, snapshot->heap.edges);
	puts(pmt_format_size((int64_t)report->census.bytes, size));
	if (!options->brief)
		print_types(report, options->choice.top);
	puts(report->scattered
		     ? "\nNo object holds a tenth; those that hold most"
		     : "\nHolders of a tenth and more");
	if (report->holder_count > 0)
		puts(" Retained   Share  Held by");
	for (size_t i = 0; i < report->holder_count; i++)
		print_holder(report, &report->holders[i]);
}
