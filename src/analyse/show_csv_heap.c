/* SPDX-License-Identifier: MIT */
/* show_csv_heap.c - a heap snapshot as comma-separated values. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyse/heap.h"
#include "cli/csv.h"

void
heap_print_field(const char *text)
{
	putchar(',');
	cli_csv_quoted(stdout, text, strlen(text));
}

static void
begin_line(const struct heap_report *report, const char *table,
	   const char *type, const char *path)
{
	const char *log = report->snapshot->path;

	cli_csv_quoted(stdout, log, strlen(log));
	printf(",%s", table);
	heap_print_field(type);
	heap_print_field(path);
}

static void
print_types(const struct heap_report *report, uint64_t top)
{
	const struct pmt_census *census = &report->census;

	for (uint32_t i = 0; i < census->rows && i < top; i++) {
		const struct pmt_census_row *row = &census->row[i];

		begin_line(report, "type",
			   pmt_names_text(&report->snapshot->heap.names,
					  row->type), "");
		printf(",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",\n", row->count,
		       row->bytes, row->retained);
	}
}

static void
print_holders(const struct heap_report *report)
{
	const struct pmt_heap *heap = &report->snapshot->heap;
	char text[HEAP_TEXT];

	for (size_t i = 0; i < report->holder_count; i++) {
		const struct heap_holder *holder = &report->holders[i];
		uint32_t node = holder->node;

		heap_holder_text(report, holder, text);
		begin_line(report, "holder",
			   pmt_names_text(&heap->names, heap->type[node]),
			   text);
		printf(",1,%" PRIu64 ",%" PRIu64 ",%" PRIu32 "\n",
		       (uint64_t)heap->size[node] * 8,
		       report->dominators.retained[node], holder->depth);
	}
}

static void
print_paths_to(const struct heap_report *report, const struct options *options)
{
	struct pmt_holding holding[HEAP_HOLDINGS];
	uint32_t count = heap_paths_to(report->snapshot, options, holding);
	char text[HEAP_TEXT];

	for (uint32_t i = 0; i < count; i++) {
		pmt_holding_text(&report->snapshot->paths, &holding[i], text,
				 sizeof(text));
		begin_line(report, "path", options->path_to, text);
		printf(",%" PRIu32 ",,,\n", holding[i].count);
	}
}

void
heap_csv(const struct heap_report *report, const struct options *options)
{
	puts("log,table,type,path,objects,bytes,retained,depth");
	if (options->path_to != NULL) {
		print_paths_to(report, options);
		return;
	}
	print_types(report, options->choice.top);
	print_holders(report);
}
