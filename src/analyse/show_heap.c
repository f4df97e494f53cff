/* SPDX-License-Identifier: MIT */
/* show_heap.c - which view does a heap snapshot get? */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyse/heap.h"
#include "analyse/show_html.h"
#include "analyse/show_html_data.h"
#include "analyse/show_stacks.h"
#include "analyse/sqlite.h"
#include "cli/cli.h"

static bool
show_stacks(const struct heap_snapshot *snapshot,
	    const struct options *options)
{
	const struct reading reading = {
		.path = snapshot->path, .options = options,
	};
	struct stacks stacks;
	bool shown;

	heap_stacks(&stacks, snapshot);
	shown = show_call_paths(&stacks, &reading);
	stacks_fini(&stacks);
	return shown;
}

static void
add_json(const struct heap_report *report, const struct options *options,
	 json_t *list)
{
	json_t *json = heap_json(report, options);
	struct stacks stacks;

	json_array_append_new(list, json);
	if (!options->call_paths)
		return;
	heap_stacks(&stacks, report->snapshot);
	json_set(json, "call_paths", page_stacks(&stacks, UINT32_MAX));
	stacks_fini(&stacks);
}

static void
show_report(const struct heap_snapshot *snapshot,
	    const struct options *options, json_t *list)
{
	struct heap_report report;

	heap_report_init(&report, snapshot);
	if (options->json)
		add_json(&report, options, list);
	else if (options->csv)
		heap_csv(&report, options);
	else
		heap_text(&report, options);
	heap_report_fini(&report);
}

static void
show_page(const struct heap_snapshot *snapshot, const struct options *options,
	  json_t *list)
{
	const struct options text = page_text_options(options);
	const struct options tables = page_table_options(options);
	struct page_capture capture;
	struct heap_report report;
	struct stacks stacks;
	char *screen;

	heap_report_init(&report, snapshot);
	page_capture_begin(&capture);
	heap_text(&report, &text);
	screen = page_capture_end(&capture);
	json_array_append_new(list, heap_json(&report, &tables));
	heap_stacks(&stacks, snapshot);
	page_add(list, screen, &stacks, false, options->log_count);
	stacks_fini(&stacks);
	free(screen);
	heap_report_fini(&report);
}

static bool
show_paths(const struct heap_snapshot *snapshot, const struct options *options)
{
	struct pmt_holding holding[HEAP_HOLDINGS];
	uint32_t count = heap_paths_to(snapshot, options, holding);
	char text[HEAP_TEXT];

	for (uint32_t i = 0; i < count; i++) {
		pmt_holding_text(&snapshot->paths, &holding[i], text,
				 sizeof(text));
		printf("%10" PRIu32 "  ", holding[i].count);
		heap_print_text(text);
		if (holding[i].length > 0)
			printf("  (of %" PRIu32 ")", holding[i].length);
		putchar('\n');
	}
	return count > 0;
}

bool
heap_show(const char *path, const struct options *options, json_t *list)
{
	struct heap_snapshot snapshot;
	bool whole;

	if (options->plot != NULL || options->output == OUTPUT_PERFETTO) {
		cli_warn(0, "'%s': a heap has no curve to plot", path);
		return false;
	}
	if (!heap_open(&snapshot, path))
		return false;
	whole = snapshot.torn == 0;
	if (options->output == OUTPUT_HTML)
		show_page(&snapshot, options, list);
	else if (options->output == OUTPUT_SQLITE)
		whole &= sqlite_heap(&snapshot, options);
	else if (options->folded || options->output != OUTPUT_NONE)
		whole &= show_stacks(&snapshot, options);
	else if (options->path_to != NULL && !options->json && !options->csv)
		whole &= show_paths(&snapshot, options);
	else
		show_report(&snapshot, options, list);
	heap_close(&snapshot);
	return whole;
}
