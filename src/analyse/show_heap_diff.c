/* SPDX-License-Identifier: MIT */
/* show_heap_diff.c - what grew from one heap snapshot to another. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/heap.h"
#include "analyse/show_json.h"
#include "base/units.h"
#include "cli/cli.h"

/* What there is in two snapshots under one name. */
struct change {
	uint32_t name;
	int64_t count, bytes;
};

struct changes {
	struct pmt_names names;
	struct change *change;
	uint32_t room;
};

static void
add_change(struct changes *changes, const char *name, int64_t count,
	   int64_t bytes)
{
	uint32_t number = pmt_names_add(&changes->names, name, strlen(name));

	if (number == PMT_NO_NAME)
		cli_die(CLI_FAILED, ENOMEM, "giving up");
	if (number >= changes->room) {
		uint32_t room = number * 2 + 64;

		changes->change = cli_need(realloc(changes->change,
					room * sizeof(*changes->change)));
		memset(changes->change + changes->room, 0,
		       (room - changes->room) * sizeof(*changes->change));
		changes->room = room;
	}
	changes->change[number].name = number;
	changes->change[number].count += count;
	changes->change[number].bytes += bytes;
}

static void
add_snapshot(const struct heap_snapshot *snapshot, int sign,
	     struct changes *types, struct changes *ways)
{
	const struct pmt_heap *heap = &snapshot->heap;
	struct heap_sum *sums = heap_sums_by_way(snapshot);
	char text[HEAP_TEXT] = "garbage waiting for the collector";

	for (uint32_t i = 0; i < heap->nodes; i++)
		add_change(types, pmt_names_text(&heap->names, heap->type[i]),
			   sign, sign * (int64_t)heap->size[i] * 8);
	for (uint32_t way = 0; way <= snapshot->paths.ways.count; way++) {
		if (way > 0)
			pmt_way_text(&snapshot->paths, way, text,
				     sizeof(text));
		add_change(ways, text, sign * (int64_t)sums[way].count,
			   sign * (int64_t)sums[way].bytes);
	}
	free(sums);
}

static int
by_bytes(const void *a, const void *b)
{
	const struct change *one = a, *other = b;

	if (one->bytes != other->bytes)
		return one->bytes < other->bytes ? 1 : -1;
	return one->name < other->name ? -1 : one->name > other->name;
}

/* What there is more of, the most first: how many are to be shown. */
static uint32_t
sort_changes(struct changes *changes, uint64_t top)
{
	uint32_t count = changes->names.count, grown = 0;

	if (count > 0)
		qsort(changes->change, count, sizeof(*changes->change),
		      by_bytes);
	while (grown < count && grown < top &&
	       changes->change[grown].bytes > 0)
		grown++;
	return grown;
}

static void
print_changes(struct changes *changes, const char *title, uint64_t top)
{
	uint32_t count = sort_changes(changes, top);

	printf("\n   Objects      Size  %s\n", title);
	for (uint32_t i = 0; i < count; i++) {
		const struct change *change = &changes->change[i];
		char text[PMT_SIZE_TEXT];

		printf("%+10" PRId64 " %9s  ", change->count,
		       pmt_format_size(change->bytes, text));
		heap_print_text(pmt_names_text(&changes->names, change->name));
		putchar('\n');
	}
}

static void
print_csv(struct changes *changes, const char *table,
	  const struct options *options)
{
	uint32_t count = sort_changes(changes, options->choice.top);

	for (uint32_t i = 0; i < count; i++) {
		const struct change *change = &changes->change[i];

		fputs(table, stdout);
		heap_print_field(pmt_names_text(&changes->names,
						change->name));
		printf(",%" PRId64 ",%" PRId64 "\n", change->count,
		       change->bytes);
	}
}

static json_t *
json_changes(struct changes *changes, const char *key, uint64_t top)
{
	uint32_t count = sort_changes(changes, top);
	json_t *list = cli_need(json_array());

	for (uint32_t i = 0; i < count; i++) {
		const struct change *change = &changes->change[i];
		const char *name = pmt_names_text(&changes->names,
						  change->name);
		json_t *json = cli_need(json_object());

		json_set(json, key, json_text((struct pmt_text){
			name, strlen(name) }));
		json_set(json, "objects", json_integer(change->count));
		json_set(json, "bytes", json_integer(change->bytes));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *
json_diff(const struct options *options, struct changes *types,
	  struct changes *ways)
{
	static const char *const keys[] = { "before", "after" };
	json_t *json = cli_need(json_object());

	for (unsigned int i = 0; i < PMT_ARRAY_SIZE(keys); i++)
		json_set(json, keys[i], json_text((struct pmt_text){
			options->paths[i], strlen(options->paths[i]) }));
	json_set(json, "kind", json_string("heap difference"));
	json_set(json, "types",
		 json_changes(types, "type", options->choice.top));
	json_set(json, "paths",
		 json_changes(ways, "path", options->choice.top));
	return json;
}

static void
show_changes(const struct options *options, struct changes *types,
	     struct changes *ways, json_t *list)
{
	if (options->json) {
		json_array_append_new(list, json_diff(options, types, ways));
		return;
	}
	if (options->csv) {
		puts("table,name,objects,bytes");
		print_csv(types, "type", options);
		print_csv(ways, "path", options);
		return;
	}
	printf("What grew from ");
	heap_print_text(options->paths[0]);
	printf(" to ");
	heap_print_text(options->paths[1]);
	putchar('\n');
	print_changes(types, "Type", options->choice.top);
	print_changes(ways, "Held by", options->choice.top);
}

static void
free_changes(struct changes *changes)
{
	pmt_names_fini(&changes->names);
	free(changes->change);
}

bool
heap_show_diff(const struct options *options, json_t *list)
{
	struct changes types = { .room = 0 }, ways = { .room = 0 };
	bool there = true, whole = true;

	for (int i = 0; i < 2 && there; i++) {
		struct heap_snapshot snapshot;

		there = heap_open(&snapshot, options->paths[i]);
		if (!there)
			break;
		whole &= snapshot.torn == 0;
		add_snapshot(&snapshot, i == 0 ? -1 : 1, &types, &ways);
		heap_close(&snapshot);
	}
	if (there)
		show_changes(options, &types, &ways, list);
	free_changes(&types);
	free_changes(&ways);
	return there && whole;
}
