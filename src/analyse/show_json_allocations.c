/* SPDX-License-Identifier: MIT */
/* show_json_allocations.c - a log of allocations as JSON. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "analyse/holdings.h"
#include "analyse/show.h"
#include "analyse/show_json.h"
#include "books/leakgroups.h"
#include "cli/cli.h"

/* Deeper paths only make the output long. */
enum { CALLERS_SHOWN = 64 };

static void
set_number(json_t *object, const char *key, uint64_t number)
{
	json_set(object, key, json_integer((json_int_t)number));
}

static void
set_sum(json_t *object, const struct pmt_alloc_sum *sum)
{
	set_number(object, "left", sum->live);
	set_number(object, "blocks", sum->blocks);
	set_number(object, "at_peak", sum->at_peak);
	set_number(object, "blocks_at_peak", sum->blocks_at_peak);
	set_number(object, "allocated", sum->total);
	set_number(object, "times", sum->count);
	set_number(object, "temporary", sum->temporary);
	set_number(object, "mapped", sum->mapped);
}

static void
set_name(json_t *object, const char *key, const struct reading *reading,
	 uint32_t name)
{
	if (name != PMT_NO_PART)
		json_set(object, key,
			 json_text(pmt_sites_name(reading->sites, name)));
}

static json_t *
json_place(const struct reading *reading, uint32_t file, uint32_t line,
	   uint32_t function)
{
	json_t *json = cli_need(json_object());

	set_name(json, "file", reading, file);
	if (line != PMT_NO_PART)
		set_number(json, "line", line);
	set_name(json, "function", reading, function);
	return json;
}

/* A node's place, made once: deep paths have most of them in common. */
struct known {
	json_t *place;
	uint32_t depth;		/* how many callers it has */
};

static json_t *
json_node(const struct reading *reading, const struct pmt_alloc_node *node,
	  json_t **made)
{
	const struct pmt_site *site = pmt_sites_get(reading->sites,
						    node->site);

	if (*made == NULL)
		*made = json_place(reading, site->file, site->line,
				   site->function);
	return *made;
}

/* The innermost CALLERS_SHOWN. */
static json_t *
json_callers(const struct analysis *analysis, uint32_t node,
	     struct known *known)
{
	const struct pmt_alloc_node *nodes =
		analysis->allocations->names->nodes;
	json_t *list = cli_need(json_array());

	while ((node = nodes[node - 1].caller) != 0 &&
	       json_array_size(list) < CALLERS_SHOWN)
		json_array_append(list, json_node(analysis->reading,
						  &nodes[node - 1],
						  &known[node - 1].place));
	return list;
}

/* When had the program allocated so much? */
static int64_t
clock_of(const struct pmt_curve *allocated, int64_t bytes)
{
	unsigned i = 0;

	while (i + 1 < allocated->count && allocated->points[i].last < bytes)
		i++;
	return allocated->points[i].clock;
}

/* For pages: how memory went, and when the moments of rows were. */
static void
add_curves(json_t *json, const struct analysis *analysis)
{
	const struct live_curves *curves = analysis->curves;
	int64_t moments[PMT_TREND_MOMENTS];

	json_set(json, "curve", json_curve(curves->rss));
	if (curves->allocated->count == 0)
		return;
	pmt_allocations_axis(analysis->allocations->books, moments,
			     PMT_TREND_MOMENTS);
	for (size_t i = 0; i < PMT_TREND_MOMENTS; i++)
		moments[i] = clock_of(curves->allocated, moments[i]);
	json_set(json, "moments", json_clocks(moments, PMT_TREND_MOMENTS));
	json_set(json, "live_curve", json_curve(curves->list[0].curve));
}

/* By the lower bound, a power of two; none where there was no block. */
static json_t *
json_sizes(const struct allocations *allocations)
{
	const struct pmt_size_tally *sizes =
		pmt_allocations_sizes(allocations->books);
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < PMT_TALLIES_SIZES; i++) {
		json_t *json;

		if (sizes[i].count == 0 && sizes[i].blocks == 0)
			continue;
		json = cli_need(json_object());
		set_number(json, "from", i == 0 ? 0 : UINT64_C(1) << i);
		set_number(json, "left", sizes[i].live);
		set_number(json, "blocks", sizes[i].blocks);
		set_number(json, "times", sizes[i].count);
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *
json_holding(const struct analysis *analysis, const struct holding *holding,
	     struct known *known)
{
	const struct allocations *allocations = analysis->allocations;
	json_t *json = json_place(analysis->reading, holding->file,
				  holding->line, holding->function);

	if (holding->thread != 0) {
		const char *name = holding->thread < allocations->thread_room
			? allocations->threads[holding->thread] : NULL;

		set_number(json, "thread", holding->thread);
		if (name != NULL)
			json_set(json, "name", json_text((struct pmt_text){
				name, strlen(name) }));
	}
	set_sum(json, &holding->sum);
	if (holding->thread == 0) {
		json_set(json, "growing", json_boolean(holding->growing));
		json_set(json, "moments", json_integers(holding->moments,
							PMT_TREND_MOMENTS));
	}
	if (holding->node != 0) {
		set_number(json, "depth", known[holding->node - 1].depth);
		json_set(json, "callers",
			 json_callers(analysis, holding->node, known));
	}
	return json;
}

static json_t *
json_table(const struct analysis *analysis, enum pmt_grouping by)
{
	const struct pmt_choice *choice = &analysis->reading->options->choice;
	const struct pmt_allocnames *names = analysis->allocations->names;
	struct known *known = cli_need(calloc(names->node_count + (size_t)1,
					      sizeof(*known)));
	json_t *json = cli_need(json_array());
	size_t count;
	struct holding *list = holdings_by(analysis->reading,
					   analysis->allocations, by,
					   choice->order, &count);

	/* Callers have lower numbers. */
	for (uint32_t i = 0; i < names->node_count; i++)
		if (names->nodes[i].caller != 0)
			known[i].depth =
				known[names->nodes[i].caller - 1].depth + 1;
	for (size_t i = 0; i < count && i < choice->top; i++)
		json_array_append_new(json, json_holding(analysis, &list[i],
							 known));
	for (uint32_t i = 0; i < names->node_count; i++)
		json_decref(known[i].place);
	free(known);
	free(list);
	return json;
}

static json_t *
json_lacks(const struct allocations *allocations)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < allocations->lack_count; i++)
		json_array_append_new(list, json_text((struct pmt_text){
			allocations->lacks[i],
			strlen(allocations->lacks[i]) }));
	return list;
}

bool
show_json_allocations(const struct analysis *analysis)
{
	const struct allocations *allocations = analysis->allocations;
	const struct pmt_allocations_totals *totals =
		pmt_allocations_totals(allocations->books);
	json_t *json = json_log(analysis->reading, "allocations");

	set_sum(json, &totals->all);
	set_number(json, "arenas", totals->arenas);
	set_number(json, "before", totals->before);
	set_number(json, "unknown_frees", totals->unknown);
	set_number(json, "sample", totals->rate);
	json_set(json, "ended", json_boolean(totals->ended));
	json_set(json, "missing", json_lacks(allocations));
	if (totals->rss_end > 0)
		json_set(json, "rss", json_pack(
			"{s:I, s:I, s:I}",
			"first", (json_int_t)totals->rss_begin,
			"peak", (json_int_t)totals->rss_peak,
			"last", (json_int_t)totals->rss_end));
	if (allocations->begin.noted && allocations->end.noted)
		json_set(json, "memory", json_pack(
			"{s:o, s:o}",
			"start", json_footprint(&allocations->begin),
			"end", json_footprint(&allocations->end)));
	if (allocations->grown.known)
		json_set(json, "grown", json_grown(analysis->reading,
						   &allocations->grown,
						   allocations));
	json_set(json, "sizes", json_sizes(allocations));
	json_set(json, "own_lines", json_table(analysis, PMT_GROUP_OWN));
	json_set(json, "lines", json_table(analysis, PMT_GROUP_LINE));
	json_set(json, "functions", json_table(analysis, PMT_GROUP_FUNCTION));
	json_set(json, "files", json_table(analysis, PMT_GROUP_FILE));
	json_set(json, "stacks", json_table(analysis, PMT_GROUP_PATH));
	json_set(json, "threads", json_table(analysis, PMT_GROUP_THREAD));
	if (analysis->curves != NULL)
		add_curves(json, analysis);
	json_array_append_new(analysis->list, json);
	return true;
}
