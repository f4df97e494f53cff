/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/heap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/cli.h"
#include "heap/census.h"
#include "heap/heapfile.h"
#include "heap/holders.h"

/* Holders of less than a tenth are not shown, nor trees that are deeper. */
enum { TENTH = 10, DEEPEST = 12, TEXT = 1024 };

static void
print_size(uint64_t bytes)
{
	char text[PMT_SIZE_TEXT];

	printf("%9s", pmt_format_size((int64_t)bytes, text));
}

static void
print_types(const struct heap_snapshot *snapshot,
	    const struct pmt_census *census, uint64_t top)
{
	printf("\n   Objects       Own  Retained  Type\n");
	for (uint32_t i = 0; i < census->rows && i < top; i++) {
		const struct pmt_census_row *row = &census->row[i];

		printf("%10" PRIu64 " ", row->count);
		print_size(row->bytes);
		putchar(' ');
		print_size(row->retained);
		fputs("  ", stdout);
		heap_print_text(pmt_names_text(&snapshot->heap.names,
					       row->type));
		putchar('\n');
	}
	if (census->rows > top)
		printf("... and %" PRIu64 " types more\n", census->rows - top);
}

/* Sorting by what is retained, for qsort(3). */
static const uint64_t *retained_of;

static int
by_retained(const void *a, const void *b)
{
	uint64_t one = retained_of[*(const uint32_t *)a];
	uint64_t other = retained_of[*(const uint32_t *)b];

	return one < other ? 1 : one > other ? -1 : 0;
}

static void
print_holder(const struct heap_snapshot *snapshot,
	     const struct pmt_dominators *dominators, uint32_t node,
	     unsigned int depth, uint64_t all)
{
	char text[TEXT];

	print_size(dominators->retained[node]);
	printf(" %5.1f%%  %*s", 100 * (double)dominators->retained[node] /
				(double)all, (int)(2 * depth), "");
	if (snapshot->paths.way[node] == 0)
		snprintf(text, sizeof(text), "garbage waiting for the "
			 "collector");
	else
		pmt_path_text(&snapshot->paths, node, text, sizeof(text));
	heap_print_text(text);
	printf(" <");
	heap_print_text(pmt_names_text(&snapshot->heap.names,
				  snapshot->heap.type[node]));
	printf(">\n");
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
print_below(const struct heap_snapshot *snapshot,
	    const struct pmt_dominators *dominators, const uint32_t *large,
	    uint32_t count, uint32_t above, unsigned int depth, uint64_t all)
{
	for (uint32_t i = 0; i < count && depth < DEEPEST; i++)
		if (dominators->above[large[i]] == above &&
		    !repeats(snapshot, large[i], above)) {
			print_holder(snapshot, dominators, large[i], depth,
				     all);
			print_below(snapshot, dominators, large, count,
				    large[i], depth + 1, all);
		}
}

static void
print_holders(const struct heap_snapshot *snapshot,
	      const struct pmt_dominators *dominators, uint64_t all)
{
	uint32_t nodes = snapshot->heap.nodes, count = 0;
	uint32_t *large = cli_need(calloc(nodes + (size_t)1, sizeof(*large)));

	for (uint32_t i = 0; i < nodes; i++)
		if (dominators->retained[i] > 0 &&
		    dominators->retained[i] >= all / TENTH)
			large[count++] = i;
	retained_of = dominators->retained;
	qsort(large, count, sizeof(*large), by_retained);
	printf("\nHolders of a tenth and more\n");
	if (count == 0)
		printf("No object holds so much.\n");
	else
		printf(" Retained   Share  Held by\n");
	print_below(snapshot, dominators, large, count, PMT_NO_NODE, 0, all);
	free(large);
}

static void
print_report(const struct heap_snapshot *snapshot,
	     const struct options *options, const char *path)
{
	struct pmt_dominators dominators;
	struct pmt_census census;
	int err = pmt_dominators_init(&dominators, &snapshot->heap);

	if (err == 0)
		err = pmt_census_init(&census, &snapshot->heap, &dominators);
	if (err < 0)
		cli_die(CLI_FAILED, err, "giving up");
	printf("Heap of process %" PRIu64 ", CPython ", snapshot->head.pid);
	heap_print_text(snapshot->head.python);
	printf(": ");
	heap_print_text(path);
	printf("\n%" PRIu64 " objects, %" PRIu32 " references, ", census.count,
	       snapshot->heap.edges);
	print_size(census.bytes);
	printf("\n");
	if (!options->brief)
		print_types(snapshot, &census, options->choice.top);
	print_holders(snapshot, &dominators, census.bytes);
	pmt_census_fini(&census);
	pmt_dominators_fini(&dominators);
}

/* TYPE, or an address as repr() shows it. */
static bool
print_paths(const struct heap_snapshot *snapshot, const struct options *options)
{
	const struct pmt_heap *heap = &snapshot->heap;
	uint32_t *node = cli_need(malloc((heap->nodes + (size_t)1) *
				     sizeof(*node)));
	struct pmt_holding holding[64];
	uint32_t count = 0, room = PMT_ARRAY_SIZE(holding);
	bool address = strncmp(options->path_to, "0x", 2) == 0;
	uint64_t number = strtoull(options->path_to, NULL, 16);
	char text[TEXT];

	for (uint32_t i = 0; i < heap->nodes; i++)
		if (address ? pmt_heap_address(heap, i) == number
			    : strcmp(pmt_names_text(&heap->names,
						    heap->type[i]),
				     options->path_to) == 0)
			node[count++] = i;
	if (pmt_holders_find(&snapshot->paths, node, count, NULL, holding,
			     &room) < 0)
		cli_die(CLI_FAILED, ENOMEM, "giving up");
	for (uint32_t i = 0; i < room && i < options->choice.top; i++) {
		pmt_holding_text(&snapshot->paths, &holding[i], text,
				 sizeof(text));
		printf("%10" PRIu32 "  ", holding[i].count);
		heap_print_text(text);
		if (holding[i].length > 0)
			printf("  (of %" PRIu32 ")", holding[i].length);
		putchar('\n');
	}
	free(node);
	if (count == 0)
		cli_warn(0, "--path-to: no object is '%s'", options->path_to);
	return count > 0;
}

static void
print_folded(const struct heap_snapshot *snapshot)
{
	uint64_t *bytes = heap_bytes_by_way(snapshot);
	char text[TEXT];

	for (uint32_t way = 0; way <= snapshot->paths.way_count; way++) {
		if (bytes[way] == 0)
			continue;
		if (way == 0)
			snprintf(text, sizeof(text), "garbage");
		else
			pmt_way_folded(&snapshot->paths, way, text,
				       sizeof(text));
		heap_print_text(text);
		printf(" %" PRIu64 "\n", bytes[way]);
	}
	free(bytes);
}

bool
heap_show(const char *path, const struct options *options)
{
	struct heap_snapshot snapshot;
	bool whole;

	if (options->json || options->csv) {
		cli_warn(0, "'%s': a heap is printed as text or --folded",
			 path);
		return false;
	}
	if (!heap_open(&snapshot, path))
		return false;
	whole = snapshot.torn == 0;
	if (options->path_to != NULL)
		whole &= print_paths(&snapshot, options);
	else if (options->folded)
		print_folded(&snapshot);
	else
		print_report(&snapshot, options, path);
	heap_close(&snapshot);
	return whole;
}
