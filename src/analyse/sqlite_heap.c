/* SPDX-License-Identifier: MIT */
/* sqlite_heap.c - the objects of a heap snapshot, as tables. */
#include <config.h>

#include <string.h>

#include "analyse/sqlite.h"
#include "cli/cli.h"

static const char *const root_kinds[] = {
	[PMT_ROOT_MODULE] = "module", [PMT_ROOT_TYPE] = "type",
	[PMT_ROOT_THREAD] = "thread", [PMT_ROOT_INTERPRETER] = "interpreter",
	[PMT_ROOT_FRAME] = "frame", [PMT_ROOT_CODE] = "code",
};

static const char *const edge_kinds[] = {
	[PMT_EDGE_INSIDE] = "inside", [PMT_EDGE_ITEM] = "item",
	[PMT_EDGE_VALUE] = "value", [PMT_EDGE_KEY] = "key",
	[PMT_EDGE_DICT] = "dict", [PMT_EDGE_CLASS] = "class",
	[PMT_EDGE_GLOBALS] = "globals",
};

static const char *const name_kinds[] = {
	[PMT_NAMED_ATTRIBUTE] = "attribute", [PMT_NAMED_KEY] = "value of",
	[PMT_NAMED_LOCAL] = "local",
};

static void
set_text(struct database_table *table, int column, const char *text)
{
	database_text(table, column, (struct pmt_text){ text, strlen(text) });
}

static void
add_objects(struct database *database, const struct heap_report *report)
{
	struct database_table *table = database_table(database, "heap_object",
						      9);
	const struct heap_snapshot *snapshot = report->snapshot;
	const struct pmt_heap *heap = &snapshot->heap;

	for (uint32_t i = 0; i < heap->nodes && !cli_stopped(); i++) {
		uint32_t above = report->dominators.above[i];
		uint32_t way = snapshot->paths.way[i];

		database_integer(table, 1, i);
		set_text(table, 2, pmt_names_text(&heap->names,
						  heap->type[i]));
		database_integer(table, 3,
				 (int64_t)pmt_heap_address(heap, i));
		database_integer(table, 4, (int64_t)heap->size[i] * 8);
		database_integer(table, 5,
				 (int64_t)report->dominators.retained[i]);
		if (above != PMT_NO_NODE)
			database_integer(table, 6, above);
		if (way != 0)
			database_integer(table, 7, way);
		database_integer(table, 8,
				 heap->marks[i] & PMT_MARK_GENERATION);
		database_integer(table, 9,
				 (heap->marks[i] & PMT_MARK_TRACKED) != 0);
		database_insert(table);
	}
}

static void
add_reference(struct database_table *table, const struct pmt_heap *heap,
	      uint32_t source, uint32_t edge)
{
	uint32_t label = heap->label[edge];

	database_integer(table, 1, source);
	database_integer(table, 2, heap->target[edge]);
	if (label >= PMT_EDGE_NAMES) {
		uint32_t kind = (label - PMT_EDGE_NAMES) & 3;

		if (kind < PMT_ARRAY_SIZE(name_kinds))
			set_text(table, 3, name_kinds[kind]);
		set_text(table, 4, pmt_names_text(
			&heap->names, (label - PMT_EDGE_NAMES) >> 2));
	} else if (label < PMT_ARRAY_SIZE(edge_kinds)) {
		set_text(table, 3, edge_kinds[label]);
	}
	database_insert(table);
}

static void
add_references(struct database *database, const struct pmt_heap *heap)
{
	struct database_table *table = database_table(
		database, "heap_reference", 4);

	for (uint32_t i = 0; i < heap->nodes && !cli_stopped(); i++)
		for (uint32_t j = heap->first[i]; j < heap->first[i + 1]; j++)
			add_reference(table, heap, i, j);
}

static void
add_roots(struct database *database, const struct pmt_heap *heap)
{
	struct database_table *table = database_table(database, "heap_root",
						      3);

	for (uint32_t i = 0; i < heap->roots; i++) {
		const struct pmt_root *root = &heap->root[i];

		database_integer(table, 1, root->node);
		if (root->kind < PMT_ROOT_KINDS)
			set_text(table, 2, root_kinds[root->kind]);
		set_text(table, 3, pmt_names_text(&heap->names, root->name));
		database_insert(table);
	}
}

static void
add_ways(struct database *database, const struct pmt_paths *paths)
{
	struct database_table *table = database_table(database, "heap_way", 2);
	char text[HEAP_TEXT];

	for (uint32_t i = 1; i <= paths->ways.count; i++) {
		pmt_way_text(paths, i, text, sizeof(text));
		database_integer(table, 1, i);
		set_text(table, 2, text);
		database_insert(table);
	}
}

bool
sqlite_heap(const struct heap_snapshot *snapshot,
	    const struct options *options)
{
	struct database *database = database_create(options->out,
						    sqlite_schema);
	struct heap_report report;

	if (database == NULL)
		return false;
	heap_report_init(&report, snapshot);
	add_objects(database, &report);
	add_references(database, &snapshot->heap);
	add_roots(database, &snapshot->heap);
	add_ways(database, &snapshot->paths);
	sqlite_add_log(database, snapshot->path, "heap", NULL,
		       (struct pmt_text){ NULL, 0 }, snapshot->torn == 0);
	heap_report_fini(&report);
	return database_close(database, !cli_stopped());
}
