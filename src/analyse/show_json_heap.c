/* SPDX-License-Identifier: MIT */
/* show_json_heap.c - a heap snapshot as JSON. */
#include <config.h>

#include <string.h>

#include "analyse/heap.h"
#include "analyse/show_json.h"
#include "cli/cli.h"

static void
set_number(json_t *json, const char *key, uint64_t number)
{
	json_set(json, key, json_integer((json_int_t)number));
}

static void
set_text(json_t *json, const char *key, const char *text)
{
	json_set(json, key, json_text((struct pmt_text){ text, strlen(text) }));
}

static json_t *
json_types(const struct heap_report *report, uint64_t top)
{
	const struct pmt_census *census = &report->census;
	json_t *list = cli_need(json_array());

	for (uint32_t i = 0; i < census->rows && i < top; i++) {
		const struct pmt_census_row *row = &census->row[i];
		json_t *json = cli_need(json_object());

		set_text(json, "type",
			 pmt_names_text(&report->snapshot->heap.names,
					row->type));
		set_number(json, "objects", row->count);
		set_number(json, "bytes", row->bytes);
		set_number(json, "retained", row->retained);
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *
json_holder(const struct heap_report *report, const struct heap_holder *holder)
{
	const struct pmt_heap *heap = &report->snapshot->heap;
	json_t *json = cli_need(json_object());
	char text[HEAP_TEXT];

	heap_holder_text(report, holder, text);
	set_text(json, "path", text);
	set_text(json, "type",
		 pmt_names_text(&heap->names, heap->type[holder->node]));
	set_number(json, "address", pmt_heap_address(heap, holder->node));
	set_number(json, "bytes", (uint64_t)heap->size[holder->node] * 8);
	set_number(json, "retained",
		   report->dominators.retained[holder->node]);
	return json;
}

/* A tree: those from *NEXT on that are so deep, with those below them. */
static json_t *
json_holders(const struct heap_report *report, size_t *next, uint32_t depth)
{
	json_t *list = cli_need(json_array());

	while (*next < report->holder_count &&
	       report->holders[*next].depth == depth) {
		json_t *json = json_holder(report, &report->holders[(*next)++]);

		json_set(json, "holds", json_holders(report, next, depth + 1));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *
json_paths_to(const struct heap_report *report, const struct options *options)
{
	struct pmt_holding holding[HEAP_HOLDINGS];
	uint32_t count = heap_paths_to(report->snapshot, options, holding);
	json_t *list = cli_need(json_array());
	char text[HEAP_TEXT];

	for (uint32_t i = 0; i < count; i++) {
		json_t *json = cli_need(json_object());

		pmt_holding_text(&report->snapshot->paths, &holding[i], text,
				 sizeof(text));
		set_text(json, "path", text);
		set_number(json, "objects", holding[i].count);
		if (holding[i].length > 0)
			set_number(json, "length", holding[i].length);
		json_array_append_new(list, json);
	}
	return list;
}

json_t *
heap_json(const struct heap_report *report, const struct options *options)
{
	const struct heap_snapshot *snapshot = report->snapshot;
	json_t *json = cli_need(json_object());
	size_t next = 0;

	set_text(json, "file", snapshot->path);
	set_text(json, "kind", "heap");
	set_number(json, "pid", snapshot->head.pid);
	set_number(json, "time", snapshot->head.time);
	set_text(json, "python", snapshot->head.python);
	json_set(json, "whole", json_boolean(snapshot->torn == 0));
	set_number(json, "objects", report->census.count);
	set_number(json, "references", snapshot->heap.edges);
	set_number(json, "bytes", report->census.bytes);
	if (options->path_to != NULL) {
		json_set(json, "paths", json_paths_to(report, options));
		return json;
	}
	json_set(json, "types", json_types(report, options->choice.top));
	json_set(json, "holders", json_holders(report, &next, 0));
	return json;
}
