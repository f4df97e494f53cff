/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <stdlib.h>

#include "analyse.h"
#include "analyse_json.h"

static json_t *
json_part(const struct reading *reading, uint32_t part)
{
	return json_text(pmt_sites_name(reading->sites, part));
}

static json_t *
json_group(const struct reading *reading, const struct group *group)
{
	json_t *json = json_object(), *samples = json_array();

	if (group->key.type != NO_PART)
		json_set(json, "type", json_part(reading, group->key.type));
	if (group->key.file != NO_PART)
		json_set(json, "file", json_part(reading, group->key.file));
	if (group->key.line != NO_PART)
		json_set(json, "line", json_integer(group->key.line));
	if (group->key.function != NO_PART)
		json_set(json, "function",
			 json_part(reading, group->key.function));
	json_set(json, "alive", json_integer((json_int_t)group->live));
	json_set(json, "made", json_integer((json_int_t)group->made));
	if (pmt_log_has(reading->log, PMT_COLUMN_SIZE))
		json_set(json, "bytes", json_integer(group->bytes));
	json_set(json, "first", json_seconds(group->first));
	json_set(json, "last", json_seconds(group->last));
	json_set(json, "growing", json_boolean(group->growing));
	for (int i = 0; i < GROUP_SAMPLES; i++)
		json_array_append_new(samples,
				      json_integer(group->samples[i]));
	json_set(json, "history", samples);
	return json;
}

static json_t *
json_groups(const struct reading *reading, const struct pmt_leaks *leaks)
{
	struct groups groups = make_groups(leaks, reading->sites,
					   reading->options);
	json_t *list = json_array();

	for (size_t i = 0; i < groups.count && i < reading->options->top; i++)
		json_array_append_new(list,
				      json_group(reading, &groups.list[i]));
	free(groups.list);
	return list;
}

static json_t *
json_types(const struct reading *reading, const struct pmt_leaks *leaks)
{
	size_t count;
	struct type_count *types = count_types(leaks, reading->sites,
					       reading->options, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack(
			"{s:o, s:I, s:I, s:I}",
			"type", json_part(reading, types[i].type),
			"new", (json_int_t)types[i].made,
			"del", (json_int_t)types[i].destroyed,
			"untracked", (json_int_t)types[i].untracked));
	free(types);
	return list;
}

json_t *
json_reference(const struct reading *reading, const struct pmt_leaks *leaks)
{
	const struct pmt_leaks_totals *totals = pmt_leaks_totals(leaks);
	json_t *json = json_log(reading, "reference");

	json_set(json, "made", json_integer((json_int_t)totals->made));
	json_set(json, "destroyed",
		 json_integer((json_int_t)totals->destroyed));
	json_set(json, "alive", json_integer((json_int_t)totals->live));
	json_set(json, "untracked",
		 json_integer((json_int_t)totals->untracked));
	json_set(json, "made_twice", json_integer((json_int_t)totals->twice));
	if (totals->peak_rss > 0)
		json_set(json, "rss", json_pack(
			"{s:I, s:I, s:I}",
			"first", (json_int_t)totals->first_rss,
			"peak", (json_int_t)totals->peak_rss,
			"last", (json_int_t)totals->last_rss));
	json_set(json, "leaks", json_groups(reading, leaks));
	json_set(json, "types", json_types(reading, leaks));
	return json;
}
