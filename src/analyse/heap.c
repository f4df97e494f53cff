/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/heap.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* A name may have brackets, "dtype[float64]", and mean itself. */
static bool
is_name(const char *name, const char *glob)
{
	return strcmp(glob, name) == 0 || fnmatch(glob, name, 0) == 0;
}

/* Does GLOB stand for this type, or the last part of its name? */
static bool
is_type(const char *type, const char *glob)
{
	const char *dot = strrchr(type, '.');

	return is_name(type, glob) || (dot != NULL && is_name(dot + 1, glob));
}

/* Which names, by number, are types that GLOB stands for. */
static bool *
find_types(const struct pmt_names *names, const char *glob)
{
	bool *found = cli_need(calloc(names->count + (size_t)1,
				      sizeof(*found)));

	for (uint32_t i = 0; i < names->count; i++)
		found[i] = is_type(pmt_names_text(names, i), glob);
	return found;
}

/* All objects of PATH_TO, an address or a type's glob; *count of them. */
static uint32_t *
find_objects(const struct pmt_heap *heap, const char *path_to, uint32_t *count)
{
	uint32_t *node = cli_need(malloc((heap->nodes + (size_t)1) *
					 sizeof(*node)));
	bool *types = find_types(&heap->names, path_to);
	bool by_address = strncmp(path_to, "0x", 2) == 0;
	uint64_t address = strtoull(path_to, NULL, 16);

	*count = 0;
	for (uint32_t i = 0; i < heap->nodes; i++)
		if (by_address ? pmt_heap_address(heap, i) == address
			       : types[heap->type[i]] &&
				 !(heap->marks[i] & PMT_MARK_PSEUDO))
			node[(*count)++] = i;
	free(types);
	return node;
}

uint32_t
heap_paths_to(const struct heap_snapshot *snapshot,
	      const struct options *options,
	      struct pmt_holding holding[HEAP_HOLDINGS])
{
	uint32_t count, room = HEAP_HOLDINGS;
	uint32_t *node = find_objects(&snapshot->heap, options->path_to,
				      &count);

	if (pmt_holders_find(&snapshot->paths, node, count, NULL, holding,
			     &room) < 0)
		cli_die(CLI_FAILED, ENOMEM, "giving up");
	free(node);
	if (count == 0)
		cli_warn(0, "--path-to: no object is '%s'", options->path_to);
	return room < options->choice.top ? room
					  : (uint32_t)options->choice.top;
}

void
heap_stacks(struct stacks *stacks, const struct heap_snapshot *snapshot)
{
	static const struct stack_measure measures[] = {
		{ "held", "bytes" }, { "objects", "count" },
	};
	const struct pmt_paths *paths = &snapshot->paths;
	struct heap_sum *sums = heap_sums_by_way(snapshot);
	uint32_t *node = cli_need(calloc(paths->ways.count + (size_t)1,
					 sizeof(*node)));
	char text[HEAP_TEXT] = "garbage";

	stacks_init(stacks, measures, PMT_ARRAY_SIZE(measures));
	for (uint32_t way = 0; way <= paths->ways.count; way++) {
		size_t length = way == 0 ? strlen(text)
			: pmt_way_step(paths, way, text, sizeof(text));
		uint32_t above = way == 0 ? 0
			: node[paths->ways.way[way].above];
		const struct stack_frame frame = {
			.function = { text, length },
		};
		uint32_t here = length == 0 ? above
			: stacks_node(stacks, above,
				      stacks_frame(stacks, &frame));

		stacks->nodes[here].values[0] += sums[way].bytes;
		stacks->nodes[here].values[1] += sums[way].count;
		/* Way 0 is no caller of others. */
		node[way] = way == 0 ? 0 : here;
	}
	free(node);
	free(sums);
}
