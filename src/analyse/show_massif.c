/* SPDX-License-Identifier: MIT */
/*
 * show_massif.c - memory over time, and which calls hold it, as valgrind's
 * massif writes it: for ms_print and massif-visualizer.
 */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/names.h"
#include "analyse/output.h"
#include "analyse/show_series.h"
#include "analyse/show_stacks.h"
#include "cli/cli.h"
#include "report/reporttext.h"

/* As deep as massif is, so many snapshots, and this part of all is shown. */
enum { DEPTH = 30, SNAPSHOTS = 100, SMALLEST = 1000 };

/* Callees with their callers below them: the tree of stacks turned over. */
struct turned {
	FILE *out;
	const struct stacks *stacks;
	struct stacks tree;
	uint32_t *order;	/* its nodes, callers below one together */
	uint32_t *first;	/* of these, by node, up to the next's */
	bool full_path;
};

static int
by_callee_and_size(const void *a, const void *b, void *arg)
{
	const struct stack_node *nodes = arg;
	const struct stack_node *one = &nodes[*(const uint32_t *)a];
	const struct stack_node *other = &nodes[*(const uint32_t *)b];

	if (one->caller != other->caller)
		return one->caller < other->caller ? -1 : 1;
	if (one->values[0] == other->values[0])
		return 0;
	return one->values[0] > other->values[0] ? -1 : 1;
}

static void
sort_nodes(struct turned *turned)
{
	uint32_t count = turned->tree.node_count, at = 1;

	turned->order = cli_need(calloc(count, sizeof(*turned->order)));
	turned->first = cli_need(calloc((size_t)count + 1,
					sizeof(*turned->first)));
	for (uint32_t i = 0; i < count; i++)
		turned->order[i] = i;
	qsort_r(turned->order + 1, count - 1, sizeof(*turned->order),
		by_callee_and_size, turned->tree.nodes);
	for (uint32_t i = 0; i < count; i++) {
		turned->first[i] = at;
		while (at < count &&
		       turned->tree.nodes[turned->order[at]].caller == i)
			at++;
	}
	turned->first[count] = at;
}

static void
turn(struct turned *turned, unsigned int measure)
{
	const struct stack_measure *is = &turned->stacks->measures[measure];
	uint32_t path[STACK_DEPTH], depth;
	bool cut;

	stacks_init(&turned->tree, is, 1);
	for (uint32_t i = 0; i < turned->stacks->node_count; i++) {
		uint64_t value = turned->stacks->nodes[i].values[measure];
		uint32_t node = 0;

		if (value == 0)
			continue;
		depth = stacks_path(turned->stacks, i, path, &cut);
		turned->tree.nodes[0].values[0] += value;
		for (uint32_t j = 0; j < depth && j < DEPTH; j++) {
			node = stacks_node(&turned->tree, node, path[j]);
			turned->tree.nodes[node].values[0] += value;
		}
	}
	sort_nodes(turned);
}

/* Frames have no addresses; readers tell them apart by what stands there. */
static void
put_frame(const struct turned *turned, uint32_t number)
{
	static const struct name_escape none[] = { { 0 } };
	const struct stack_frame *frame = &turned->stacks->frames[number];

	fprintf(turned->out, "0x%" PRIX32 ": ", number + 1);
	name_print(turned->out, frame->function, SIZE_MAX, none);
	if (frame->file.length == 0)
		return;
	fputs(" (", turned->out);
	name_print(turned->out, pmt_file_name(frame->file, turned->full_path),
		   SIZE_MAX, none);
	if (frame->line > 0)
		fprintf(turned->out, ":%" PRIu32, frame->line);
	putc(')', turned->out);
}

static void
put_node(const struct turned *turned, uint32_t node, int depth)
{
	const struct stack_node *nodes = turned->tree.nodes;
	uint64_t least = nodes[0].values[0] / SMALLEST, rest = 0;
	uint32_t first = turned->first[node], end = turned->first[node + 1];
	uint32_t shown = first;

	while (shown < end && nodes[turned->order[shown]].values[0] >= least)
		shown++;
	fprintf(turned->out, "%*sn%" PRIu32 ": %" PRIu64 " ", depth, "",
		shown - first + (shown < end), nodes[node].values[0]);
	if (node == 0)
		fprintf(turned->out, "(%s)", turned->tree.measures[0].name);
	else
		put_frame(turned, nodes[node].frame);
	putc('\n', turned->out);
	for (uint32_t i = first; i < shown; i++)
		put_node(turned, turned->order[i], depth + 1);
	for (uint32_t i = shown; i < end; i++)
		rest += nodes[turned->order[i]].values[0];
	if (shown < end)
		fprintf(turned->out, "%*sn0: %" PRIu64 " in %" PRIu32
			" places, all below massif's threshold (0.10%%)\n",
			depth + 1, "", rest, end - shown);
}

static void
put_tree(FILE *out, const struct stacks *stacks, unsigned int measure,
	 bool full_path)
{
	struct turned turned = {
		.out = out, .stacks = stacks, .full_path = full_path,
	};

	turn(&turned, measure);
	put_node(&turned, 0, 0);
	free(turned.order);
	free(turned.first);
	stacks_fini(&turned.tree);
}

static void
put_snapshot(FILE *out, unsigned int *number, int64_t clock, uint64_t bytes,
	     const char *tree)
{
	static const char line[] = "#-----------\n";

	fprintf(out, "%ssnapshot=%u\n%stime=%" PRId64 "\nmem_heap_B=%" PRIu64
		"\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=%s\n", line,
		(*number)++, line, clock / 1000000, bytes, tree);
}

/* The measure of bytes called NAME, or the first; measure_count: none. */
static unsigned int
find_measure(const struct stacks *stacks, const char *name)
{
	unsigned int first = stacks->measure_count;

	for (unsigned int i = stacks->measure_count; i-- > 0; ) {
		if (strcmp(stacks->measures[i].unit, "bytes") != 0)
			continue;
		if (name != NULL &&
		    strcmp(stacks->measures[i].name, name) == 0)
			return i;
		first = i;
	}
	return name == NULL ? first : stacks->measure_count;
}

static uint64_t
sum_of(const struct stacks *stacks, unsigned int measure)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < stacks->node_count; i++)
		sum += stacks->nodes[i].values[measure];
	return sum;
}

/* Each of several points that follow is the highest of them. */
static unsigned int
highest_of(const struct pmt_curve *curve, unsigned int from, unsigned int to)
{
	unsigned int highest = from;

	for (unsigned int i = from; i < to && i < curve->count; i++)
		if (curve->points[i].high > curve->points[highest].high)
			highest = i;
	return highest;
}

/* The one that has a tree of its own is the peak, if AT_PEAK has a tree. */
static void
put_curve(FILE *out, const struct stacks *stacks,
	  const struct pmt_curve *curve, unsigned int at_peak,
	  unsigned int *number, bool full_path)
{
	unsigned int each = curve->count / SNAPSHOTS + 1;
	unsigned int peak = highest_of(curve, 0, curve->count);

	for (unsigned int i = 0; i < curve->count; i += each) {
		unsigned int highest = highest_of(curve, i, i + each);
		const struct pmt_curve_point *point = &curve->points[highest];
		bool has_tree = highest == peak &&
				at_peak < stacks->measure_count;

		put_snapshot(out, number, point->clock, (uint64_t)point->high,
			     has_tree ? "peak" : "empty");
		if (has_tree)
			put_tree(out, stacks, at_peak, full_path);
	}
}

static bool
write_massif(const struct stacks *stacks, const struct reading *reading,
	     const struct pmt_curve *curve)
{
	static const struct name_escape none[] = { { 0 } };
	const struct options *options = reading->options;
	unsigned int measure = find_measure(stacks, NULL), number = 0;
	FILE *out = output_open(options->out);
	uint64_t bytes;

	if (out == NULL)
		return false;
	fputs("desc: " PACKAGE_STRING "\ncmd: ", out);
	name_print(out, (struct pmt_text){ reading->path,
					   strlen(reading->path) },
		   SIZE_MAX, none);
	fputs("\ntime_unit: ms\n", out);
	if (curve != NULL)
		put_curve(out, stacks, curve,
			  find_measure(stacks, "at_peak"), &number,
			  options->full_path);
	bytes = curve != NULL
			? (uint64_t)curve->points[curve->count - 1].last
			: sum_of(stacks, measure);
	put_snapshot(out, &number, reading->last_clock, bytes, "detailed");
	put_tree(out, stacks, measure, options->full_path);
	return output_close(out, options->out);
}

bool
show_massif_stacks(const struct stacks *stacks, const struct reading *reading)
{
	return write_massif(stacks, reading, NULL);
}

/* Of the bytes over time the last: what is allocated, or else RSS. */
bool
show_massif(const struct analysis *analysis)
{
	const struct pmt_curve *curve = NULL;
	struct stacks stacks;
	size_t count;
	struct series *series = series_of(analysis, &count);
	bool shown;

	for (size_t i = 0; i < count; i++)
		if (series[i].bytes)
			curve = series[i].curve;
	show_stacks_make(&stacks, analysis);
	shown = write_massif(&stacks, analysis->reading, curve);
	stacks_fini(&stacks);
	free(series);
	return shown;
}
