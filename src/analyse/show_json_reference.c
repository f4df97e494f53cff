/* SPDX-License-Identifier: MIT */
/* show_json_reference.c - a reference log as JSON. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "analyse/reference.h"
#include "analyse/show.h"
#include "analyse/show_json.h"
#include "books/leaktypes.h"
#include "cli/cli.h"
#include "log/sampled.h"

/* For qsort(3): those of which most were made first, then by their order. */
static int
compare_made(const void *left, const void *right)
{
	const struct pmt_type_count *a = left, *b = right;

	if (a->made != b->made)
		return a->made < b->made ? 1 : -1;
	return (a->type > b->type) - (a->type < b->type);
}

/* A page has no room for all. */
static void
keep_most(struct pmt_type_counts *types, uint64_t top)
{
	if (types->count <= top)
		return;
	qsort(types->list, types->count, sizeof(*types->list), compare_made);
	types->count = (size_t)top;
}

static json_t *
json_types(const struct reading *reading, const struct pmt_leaks *leaks)
{
	json_t *list = json_array();
	struct pmt_type_counts types;

	if (pmt_types_count(leaks, reading->sites, &reading->options->choice,
			    &types) != 0)
		cli_die(CLI_FAILED, ENOMEM, "%s", reading->path);
	if (reading->options->output == OUTPUT_HTML)
		keep_most(&types, reading->options->choice.top);
	for (size_t i = 0; i < types.count; i++) {
		const struct pmt_type_count *type = &types.list[i];

		json_array_append_new(list, json_pack(
			"{s:o, s:I, s:I, s:I}",
			"type", json_text(pmt_sites_name(reading->sites,
						      type->type)),
			"new", (json_int_t)type->made,
			"del", (json_int_t)type->destroyed,
			"untracked", (json_int_t)type->untracked));
	}
	free(types.list);
	return list;
}

/* For pages: how memory went, and when the moments of histories were. */
static void
add_curves(json_t *json, const struct analysis *analysis)
{
	struct pmt_timeline axis = pmt_footprints_axis(
		pmt_leaks_footprints(analysis->leaks),
		pmt_leaks_timeline(analysis->leaks));
	int64_t clocks[PMT_TIMELINE_STEPS];

	pmt_timeline_moments(&axis, clocks, PMT_TIMELINE_STEPS);
	json_set(json, "moments", json_clocks(clocks, PMT_TIMELINE_STEPS));
	json_set(json, "curve", json_curve(analysis->curves->rss));
}

bool
show_json_reference(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct pmt_leaks *leaks = analysis->leaks;
	struct pmt_leaks_totals totals = pmt_leaks_estimate(leaks);
	uint64_t sample = pmt_leaks_sample(leaks);
	struct pmt_groups groups = reference_groups(reading, leaks);
	bool sizes = pmt_log_has(reading->log, PMT_COLUMN_SIZE);
	const struct pmt_verdict verdict = pmt_verdict_of_objects(
		leaks, &groups, sizes, 0, reading->tracer);
	json_t *json = json_log(reading, "reference");

	if (sample > 1) {
		json_set(json, "sample", json_integer((json_int_t)sample));
		json_set(json, "error", json_integer((json_int_t)
			pmt_sampled_error(totals.live, sample)));
	}
	json_set(json, "made", json_integer((json_int_t)totals.made));
	json_set(json, "destroyed",
		 json_integer((json_int_t)totals.destroyed));
	json_set(json, "alive", json_integer((json_int_t)totals.live));
	json_set(json, "freed_at_exit",
		 json_integer((json_int_t)totals.freed_at_exit));
	json_set(json, "untracked",
		 json_integer((json_int_t)totals.untracked));
	json_set(json, "made_twice", json_integer((json_int_t)totals.twice));
	json_memory(json, pmt_leaks_footprints(leaks), &verdict);
	json_set(json, "groups", json_groups(reading, &groups, sizes));
	free(groups.list);
	json_set(json, "types", json_types(reading, leaks));
	if (analysis->curves != NULL && totals.made > 0)
		add_curves(json, analysis);
	json_array_append_new(analysis->list, json);
	return true;
}
