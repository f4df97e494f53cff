/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/heap.h"
#include "base/units.h"
#include "cli/cli.h"

enum { TEXT = 1024 };

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
	uint64_t *bytes = heap_bytes_by_way(snapshot);
	uint64_t *count = cli_need(calloc(snapshot->paths.way_count + (size_t)1,
				      sizeof(*count)));
	char text[TEXT] = "garbage waiting for the collector";

	for (uint32_t i = 0; i < heap->nodes; i++) {
		count[snapshot->paths.way[i]]++;
		add_change(types, pmt_names_text(&heap->names, heap->type[i]),
			   sign, sign * (int64_t)heap->size[i] * 8);
	}
	for (uint32_t way = 0; way <= snapshot->paths.way_count; way++) {
		if (way > 0)
			pmt_way_text(&snapshot->paths, way, text,
				     sizeof(text));
		add_change(ways, text, sign * (int64_t)count[way],
			   sign * (int64_t)bytes[way]);
	}
	free(count);
	free(bytes);
}

static int
by_bytes(const void *a, const void *b)
{
	const struct change *one = a, *other = b;

	if (one->bytes != other->bytes)
		return one->bytes < other->bytes ? 1 : -1;
	return one->name < other->name ? -1 : one->name > other->name;
}

static void
print_changes(struct changes *changes, const char *title, uint64_t top)
{
	uint32_t count = changes->names.count;

	qsort(changes->change, count, sizeof(*changes->change), by_bytes);
	printf("\n   Objects      Size  %s\n", title);
	for (uint32_t i = 0; i < count && i < top; i++) {
		const struct change *change = &changes->change[i];
		char text[PMT_SIZE_TEXT];

		if (change->bytes <= 0)
			break;
	printf("%+10" PRId64 " %9s  ", change->count,
		       pmt_format_size(change->bytes, text));
		heap_print_text(pmt_names_text(&changes->names, change->name));
		putchar('\n');
	}
	pmt_names_fini(&changes->names);
	free(changes->change);
}

bool
heap_show_diff(const struct options *options)
{
	const char *before = options->paths[0], *after = options->paths[1];
	struct changes types = { .room = 0 }, ways = { .room = 0 };
	struct heap_snapshot one, other;
	bool whole;

	if (!heap_open(&one, before))
		return false;
	if (!heap_open(&other, after)) {
		heap_close(&one);
		return false;
	}
	whole = one.torn + other.torn == 0;
	add_snapshot(&one, -1, &types, &ways);
	add_snapshot(&other, 1, &types, &ways);
	printf("What grew from ");
	heap_print_text(before);
	printf(" to ");
	heap_print_text(after);
	putchar('\n');
	print_changes(&types, "Type", options->choice.top);
	print_changes(&ways, "Held by", options->choice.top);
	heap_close(&one);
	heap_close(&other);
	return whole;
}
