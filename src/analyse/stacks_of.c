/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/stacks_of.h"

#include <stdlib.h>

#include "analyse/entry.h"
#include "books/leaktypes.h"
#include "cli/cli.h"

static struct pmt_text
file_name(const struct reading *reading, uint32_t file)
{
	if (file == PMT_NO_NAME)
		return (struct pmt_text){ NULL, 0 };
	return pmt_sites_name(reading->sites, file);
}

/* The node for what no path is known of, or 0 if nothing is. */
static uint32_t
pathless_node(struct stacks *stacks, uint64_t value)
{
	static const struct stack_frame frame = {
		.function = { "(no Python code)", 16 },
	};

	return value == 0 ? 0 :
		stacks_node(stacks, 0, stacks_frame(stacks, &frame));
}

/* Pages show what grew in a part of the time. */
static bool
wants_courses(const struct reading *reading)
{
	return reading->options->output == OUTPUT_HTML;
}

static void
add_courses(struct stacks *stacks, uint32_t node,
	    const struct courses *courses, uint32_t growth_node)
{
	const struct entry entry = { .node = growth_node };
	int64_t values[PMT_TIMELINE_STEPS];

	if (courses_find(courses, COURSE_GROWN, &entry, values))
		stacks_add_course(stacks, node, 0, values);
	if (courses_find(courses, COURSE_RELEASED, &entry, values))
		stacks_add_course(stacks, node, 1, values);
}

void
stacks_of_profile(struct stacks *stacks, const struct reading *reading,
		  const struct profile *profile)
{
	static const struct stack_measure measures[] = {
		{ "grown", "bytes" }, { "released", "bytes" },
	};
	uint32_t count, *made;
	const struct pmt_growth_node *nodes =
		pmt_growth_nodes(profile->growth, &count);

	stacks_init(stacks, measures, PMT_ARRAY_SIZE(measures));
	stacks->chosen = reading->options->choice.order == PMT_ORDER_RELEASED;
	made = cli_need(calloc((size_t)count + 1, sizeof(*made)));
	for (uint32_t i = 0; i < count; i++) {
		const struct entry entry = { .function = nodes[i].function };
		uint32_t node;

		if (i > 0)
			node = made[i] = stacks_node(
				stacks, made[nodes[i].parent],
				stacks_frame(stacks, &(struct stack_frame){
				.function = entry_function(reading, &entry),
				.file = file_name(reading, nodes[i].file) }));
		else
			node = pathless_node(stacks, nodes[0].change.grown +
						     nodes[0].change.released);
		stacks->nodes[node].values[0] += nodes[i].change.grown;
		stacks->nodes[node].values[1] += nodes[i].change.released;
		if (profile->courses != NULL)
			add_courses(stacks, node, profile->courses, i);
	}
	free(made);
}

static struct stack_frame
frame_of(const struct reading *reading, uint32_t site_number)
{
	const struct pmt_site *site = pmt_sites_get(reading->sites,
						    site_number);

	return (struct stack_frame){
		.function = pmt_sites_name(reading->sites, site->function),
		.file = file_name(reading, site->file),
		.line = site->line,
	};
}

/* The path of a site of objects, whose innermost frame is their type. */
static uint32_t
node_of_site(struct stacks *stacks, const struct reading *reading,
	     const struct pmt_site *site, const uint32_t *made)
{
	const struct stack_frame frame = {
		.function = pmt_sites_name(reading->sites, site->function),
		.file = pmt_sites_name(reading->sites, site->file),
		.line = site->line,
	}, type = {
		.function = pmt_sites_name(reading->sites, site->type),
	};
	uint32_t node = stacks_node(stacks, made[site->path],
				    stacks_frame(stacks, &frame));

	return stacks_node(stacks, node, stacks_frame(stacks, &type));
}

/* The node of each path; whoever called is before those that were called. */
static uint32_t *
nodes_of_paths(struct stacks *stacks, const struct reading *reading)
{
	const struct pmt_callpaths *paths =
		pmt_sites_callpaths(reading->sites);
	uint32_t *made = cli_need(calloc((size_t)paths->count +
					 PMT_PATH_FIRST, sizeof(*made)));

	for (uint32_t i = 0; i < paths->count; i++) {
		const struct pmt_call *call = &paths->calls[i];
		const struct stack_frame frame = frame_of(reading, call->site);

		made[i + PMT_PATH_FIRST] = stacks_node(
			stacks, made[call->caller],
			stacks_frame(stacks, &frame));
	}
	return made;
}

/* How many of a site were alive when; each stands for SAMPLE. */
static void
add_life(struct stacks *stacks, uint32_t node, const struct pmt_leaks *leaks,
	 const struct pmt_site_life *life, uint64_t sample)
{
	struct pmt_timeline axis = pmt_footprints_axis(
		pmt_leaks_footprints(leaks), pmt_leaks_timeline(leaks));
	struct pmt_series series = pmt_sparse_series_whole(&life->series);
	int64_t values[STACK_MOMENTS];

	pmt_series_sample(&series, &axis, values, STACK_MOMENTS);
	for (unsigned int i = 0; i < STACK_MOMENTS; i++)
		values[i] = (int64_t)((uint64_t)values[i] * sample);
	stacks_add_course(stacks, node, 0, values);
}

void
stacks_of_reference(struct stacks *stacks, const struct reading *reading,
		    const struct pmt_leaks *leaks)
{
	static const struct stack_measure measures[] = {
		{ "left", "count" }, { "size", "bytes" }, { "made", "count" },
	};
	const struct pmt_choice *choice = &reading->options->choice;
	uint32_t count = pmt_sites_count(reading->sites), *made;
	uint64_t sample = pmt_leaks_sample(leaks);

	stacks_init(stacks, measures, PMT_ARRAY_SIZE(measures));
	stacks->chosen = choice->order == PMT_ORDER_BYTES ? 1 :
			 choice->order == PMT_ORDER_MADE ? 2 : 0;
	made = nodes_of_paths(stacks, reading);
	for (uint32_t i = 0; i < count; i++) {
		const struct pmt_site_life *life = pmt_leaks_site(leaks, i);
		const struct pmt_site *site = pmt_sites_get(reading->sites, i);
		uint64_t *values;
		uint32_t node;

		if (life == NULL || life->made == 0 ||
		    !pmt_type_chosen(choice, reading->sites, site->type))
			continue;
		node = node_of_site(stacks, reading, site, made);
		values = stacks->nodes[node].values;
		values[0] += life->live * sample;
		if (life->bytes > 0)
			values[1] += (uint64_t)life->bytes * sample;
		values[2] += life->made * sample;
		if (wants_courses(reading))
			add_life(stacks, node, leaks, life, sample);
	}
	free(made);
}

enum { LEFT, BLOCKS, AT_PEAK, ALLOCATED, TEMPORARY };

static unsigned int
chosen_of(enum pmt_order order)
{
	switch (order) {
	case PMT_ORDER_COUNT:
		return BLOCKS;
	case PMT_ORDER_PEAK:
		return AT_PEAK;
	case PMT_ORDER_MADE:
		return ALLOCATED;
	case PMT_ORDER_TEMPORARY:
		return TEMPORARY;
	default:
		return LEFT;
	}
}

static void
add_sum(struct stack_node *node, const struct pmt_alloc_sum *sum)
{
	node->values[LEFT] += sum->live;
	node->values[BLOCKS] += sum->blocks;
	node->values[AT_PEAK] += sum->at_peak;
	node->values[ALLOCATED] += sum->total;
	node->values[TEMPORARY] += sum->temporary;
}

/* Which of the nodes, 0 among them, or those below, have anything? */
static bool *
find_used(const struct allocations *allocations)
{
	const struct pmt_allocnames *names = allocations->names;
	bool *used = cli_need(calloc((size_t)names->node_count + 1,
				     sizeof(*used)));

	for (uint32_t i = names->node_count + 1; i-- > 0; ) {
		struct pmt_alloc_sum sum =
			pmt_allocations_node(allocations->books, i);

		used[i] |= sum.total + sum.live + sum.at_peak > 0;
		if (i > 0 && used[i])
			used[names->nodes[i - 1].caller] = true;
	}
	return used;
}

static void
add_moments(struct stacks *stacks, uint32_t node,
	    const struct allocations *allocations, uint32_t books_node)
{
	int64_t values[STACK_MOMENTS] = { 0 };

	pmt_allocations_moments(allocations->books, books_node, values,
				STACK_MOMENTS);
	stacks_add_course(stacks, node, LEFT, values);
}

void
stacks_of_allocations(struct stacks *stacks, const struct reading *reading,
		      const struct allocations *allocations)
{
	static const struct stack_measure measures[] = {
		[LEFT] = { "left", "bytes" },
		[BLOCKS] = { "blocks", "count" },
		[AT_PEAK] = { "at_peak", "bytes" },
		[ALLOCATED] = { "allocated", "bytes" },
		[TEMPORARY] = { "temporary", "bytes" },
	};
	const struct pmt_allocnames *names = allocations->names;
	bool *used = find_used(allocations);
	uint32_t *made = cli_need(calloc((size_t)names->node_count + 1,
					 sizeof(*made)));

	stacks_init(stacks, measures, PMT_ARRAY_SIZE(measures));
	stacks->chosen = chosen_of(reading->options->choice.order);
	for (uint32_t i = 0; i <= names->node_count; i++) {
		struct pmt_alloc_sum sum =
			pmt_allocations_node(allocations->books, i);
		uint32_t node = 0;

		if (i == 0) {
			node = pathless_node(stacks, sum.total + sum.live +
						     sum.at_peak);
		} else if (used[i]) {
			const struct stack_frame frame =
				frame_of(reading, names->nodes[i - 1].site);

			node = made[i] = stacks_node(
				stacks, made[names->nodes[i - 1].caller],
				stacks_frame(stacks, &frame));
		}
		add_sum(&stacks->nodes[node], &sum);
		if (wants_courses(reading) && sum.count > 0)
			add_moments(stacks, node, allocations, i);
	}
	free(used);
	free(made);
}
