/* SPDX-License-Identifier: MIT */
/* show_json_profile.c - a profile as JSON. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "analyse/show.h"
#include "analyse/show_json.h"
#include "analyse/tables.h"
#include "cli/cli.h"

/* Of a path only the innermost functions are shown: they may be thousands. */
enum { PATH_SHOWN = 64 };

static json_t *
json_name(const struct reading *reading, uint32_t name)
{
	if (name == PMT_NO_NAME)
		return json_null();
	return json_text(pmt_sites_name(reading->sites, name));
}

/* A node's function, made once: deep paths have most of them in common. */
static json_t *
json_frame(const struct reading *reading, const struct pmt_growth_node *node,
	   json_t **made)
{
	if (*made == NULL)
		*made = cli_need(json_pack(
			"{s:o, s:o, s:b}",
			"file", json_name(reading, node->file),
			"function", json_name(reading, node->function),
			"c", (int)node->in_c));
	return *made;
}

/* The innermost functions of a path, the last of them this one. */
static json_t *
json_path(const struct reading *reading, const struct pmt_growth_node *nodes,
	  json_t **made, uint32_t node)
{
	json_t *path = json_array();
	uint32_t list[PATH_SHOWN];
	size_t count = 0;

	for (; node != 0 && count < PATH_SHOWN; node = nodes[node].parent)
		list[count++] = node;
	while (count-- > 0)
		json_array_append(path, json_frame(reading,
						   &nodes[list[count]],
						   &made[list[count]]));
	return path;
}

/* What else is told of a line of the program: where most of it happened. */
static void
json_own(const struct reading *reading, const struct entry *entry,
	 json_t *json)
{
	const struct pmt_growth_own *place = entry->place;

	json_set(json, "function", json_name(reading, entry->function));
	json_set(json, "import", json_boolean(place->imports > 0));
	if (place->function == PMT_NO_NAME)
		return;
	json_set(json, "place", json_pack(
		"{s:o, s:I, s:o, s:b}",
		"file", json_name(reading, place->file),
		"line", (json_int_t)place->line,
		"function", json_name(reading, place->function),
		"c", (int)place->in_c));
}

static json_t *
json_entry(const struct reading *reading, const struct entry *entry,
	   enum table_kind kind)
{
	json_t *json = json_object();

	if (kind == TABLE_PATHS) {
		json_set(json, "depth", json_integer(entry->depth));
		if (entry->times > 0)
			json_set(json, "times", json_integer(entry->times));
	} else {
		json_set(json, "file", json_name(reading, entry->file));
		if (kind == TABLE_LINES || kind == TABLE_OWN)
			json_set(json, "line", entry->line == PMT_NO_NAME ?
				 json_null() : json_integer(entry->line));
		if (kind == TABLE_FUNCTIONS) {
			json_set(json, "function",
				 json_name(reading, entry->function));
			json_set(json, "c", json_boolean(entry->in_c));
		}
	}
	if (kind == TABLE_OWN)
		json_own(reading, entry, json);
	json_set(json, "net", json_integer(net_change(&entry->change)));
	json_set(json, "grown",
		 json_integer((json_int_t)entry->change.grown));
	json_set(json, "released",
		 json_integer((json_int_t)entry->change.released));
	json_set(json, "rows", json_integer((json_int_t)entry->change.rows));
	return json;
}

/* For pages, where a part of the time can be chosen. */
static void
add_history(const struct courses *courses, enum table_kind kind,
	    const struct entry *entry, json_t *json)
{
	static const enum course_kind kinds[TABLES] = {
		[TABLE_OWN] = COURSE_OWN, [TABLE_FUNCTIONS] = COURSE_FUNCTION,
		[TABLE_LINES] = COURSE_LINE, [TABLE_FILES] = COURSE_FILE,
	};
	int64_t values[PMT_TIMELINE_STEPS];

	if (kind != TABLE_PATHS &&
	    courses_find(courses, kinds[kind], entry, values))
		json_set(json, "history",
			 json_integers(values, PMT_TIMELINE_STEPS));
}

static void
add_moments(const struct courses *courses, json_t *json)
{
	int64_t clocks[PMT_TIMELINE_STEPS];

	courses_clocks(courses, clocks);
	json_set(json, "moments", json_clocks(clocks, PMT_TIMELINE_STEPS));
}

static json_t *
json_table(const struct reading *reading, const struct profile *profile,
	   const struct table *table, enum table_kind kind)
{
	uint64_t top = reading->options->choice.top;
	json_t *list = json_array(), **made;
	const struct pmt_growth_node *nodes;
	uint32_t count;

	nodes = pmt_growth_nodes(profile->growth, &count);
	made = cli_need(calloc((size_t)count + 1, sizeof(json_t *)));
	for (size_t i = 0; i < table->count && i < top; i++) {
		const struct entry *entry = &table->entries[i];
		json_t *json = json_entry(reading, entry, kind);

		if (profile->courses != NULL)
			add_history(profile->courses, kind, entry, json);
		if (kind == TABLE_PATHS)
			json_set(json, "path", json_path(reading, nodes, made,
							 entry->node));
		json_array_append_new(list, json);
	}
	for (uint32_t i = 0; i < count; i++)
		json_decref(made[i]);
	free(made);
	return list;
}

static json_t *
json_moment(const struct reading *reading, const struct moment *moment)
{
	const struct pmt_site *site = pmt_sites_get(reading->sites,
						    moment->site);

	return json_pack("{s:I, s:o, s:s, s:o, s:I, s:o, s:I}",
			 "event", (json_int_t)moment->event,
			 "clock", json_seconds(moment->clock),
			 "what", pmt_what_name(moment->what),
			 "file", json_name(reading, site->file),
			 "line", (json_int_t)site->line,
			 "function", json_name(reading, site->function),
			 "rss", (json_int_t)moment->rss);
}

static json_t *
json_steps(const struct reading *reading, const struct profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < profile->step_count &&
	     i < reading->options->choice.top; i++) {
		const struct step *step = &profile->steps[i];

		json_array_append_new(list, json_pack(
			"{s:I, s:o, s:o}", "change", (json_int_t)step->change,
			"before", json_moment(reading, &step->before),
			"after", json_moment(reading, &step->after)));
	}
	return list;
}

static json_t *
json_marks(const struct profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < profile->mark_count; i++) {
		const struct mark *mark = &profile->marks[i];
		struct pmt_text text = { mark->text, strlen(mark->text) };

		json_array_append_new(list, json_pack(
			"{s:o, s:o}", "clock", json_seconds(mark->clock),
			"text", json_text(text)));
	}
	return list;
}

bool
show_json_profile(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct profile *profile = analysis->profile;
	const struct pmt_told *end = &profile->told[PMT_AT_END];
	const struct pmt_told *peak = &profile->told[PMT_AT_PEAK];
	size_t growing;
	const struct pmt_verdict verdict = profile_verdict(profile, &growing);
	json_t *json = json_log(reading, "profile");

	json_set(json, "events", json_integer((json_int_t)profile->events));
	json_set(json, "every_event",
		 json_boolean(!pmt_growth_has_gaps(profile->growth)));
	json_set(json, "exact_paths",
		 json_boolean(pmt_growth_is_exact(profile->growth)));
	json_memory(json, &profile->footprints, &verdict);
	if (end->known)
		json_set(json, "groups", json_groups(reading, &end->groups,
						     end->sizes));
	if (peak->known)
		json_set(json, "peak_groups",
			 json_groups(reading, &peak->groups, peak->sizes));
	if (profile->grown.known)
		json_set(json, "grown", json_grown(reading, &profile->grown,
						  NULL));
	for (enum table_kind kind = 0; kind < TABLES; kind++) {
		struct table table;

		if (!table_wanted(reading->options, profile, kind))
			continue;
		table = table_make(reading, profile, kind);
		json_set(json, table.name,
			 json_table(reading, profile, &table, kind));
		free(table.entries);
	}
	json_set(json, "steps", json_steps(reading, profile));
	json_set(json, "messages", json_marks(profile));
	json_set(json, "curve", json_curve(profile->curve));
	if (profile->courses != NULL && profile->courses->count > 0)
		add_moments(profile->courses, json);
	json_array_append_new(analysis->list, json);
	return true;
}
