/* SPDX-License-Identifier: MIT */
/* show_json_groups.c - groups of objects as JSON. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "analyse/show_json.h"
#include "books/group.h"
#include "books/held.h"
#include "cli/cli.h"
#include "log/sampled.h"

static json_t *
json_part(const struct reading *reading, uint32_t part)
{
	return json_text(pmt_sites_name(reading->sites, part));
}

static json_t *
json_own(const struct reading *reading, const struct pmt_site *key)
{
	return json_pack("{s:o, s:I, s:o}",
			 "file", json_part(reading, key->own_file),
			 "line", (json_int_t)key->own_line,
			 "function", json_part(reading, key->own_function));
}

/* Of a path only the innermost callers are shown: they may be thousands. */
enum { CALLERS_SHOWN = 64 };

static json_t *
json_callers(const struct reading *reading, uint32_t path)
{
	const struct pmt_callpaths *paths =
		pmt_sites_callpaths(reading->sites);
	const struct pmt_call *call = pmt_callpaths_get(paths, path);
	json_t *list = json_array();

	for (int i = 0; i < CALLERS_SHOWN && call != NULL; i++) {
		const struct pmt_site *site = pmt_sites_get(reading->sites,
							    call->site);

		json_array_append_new(list, json_pack(
			"{s:o, s:I, s:o}",
			"file", json_part(reading, site->file),
			"line", (json_int_t)site->line,
			"function", json_part(reading, site->function)));
		call = pmt_callpaths_get(paths, call->caller);
	}
	return list;
}

/* What the objects of a group are, and where they were made. */
static json_t *
json_key(const struct reading *reading, const struct pmt_group *group)
{
	json_t *json = json_object();

	if (group->key.type != PMT_NO_PART)
		json_set(json, "type", json_part(reading, group->key.type));
	if (group->key.file != PMT_NO_PART)
		json_set(json, "file", json_part(reading, group->key.file));
	if (group->key.line != PMT_NO_PART)
		json_set(json, "line", json_integer(group->key.line));
	if (group->key.function != PMT_NO_PART)
		json_set(json, "function",
			 json_part(reading, group->key.function));
	if (group->key.path != PMT_PATH_UNKNOWN)
		json_set(json, "callers",
			 json_callers(reading, group->key.path));
	return json;
}

/* What it says at its end, as numbers. */
static json_t *
json_growth(const char *by)
{
	struct pmt_held_growth growth;
	json_t *json;

	if (!pmt_held_growth(by, &growth))
		return NULL;
	json = json_pack("{s:I, s:I}", "from", (json_int_t)growth.from,
			 "to", (json_int_t)growth.to);
	json_set(json, "what", json_text(growth.what));
	return json;
}

static void
set_holders(json_t *json, const struct reading *reading,
	    const struct pmt_group *group, const struct pmt_group *owner)
{
	const char *by = group->held_by;
	json_t *held, *grew;

	if (by != NULL) {
		held = json_pack("{s:I}", "count",
				 (json_int_t)group->held_count);
		json_set(held, "by", json_text((struct pmt_text){
			by, strlen(by) }));
		grew = json_growth(by);
		if (grew != NULL)
			json_set(held, "grew", grew);
		json_set(json, "held", held);
	}
	if (owner != NULL)
		json_set(json, "part_of", json_key(reading, owner));
}

static json_t *
json_group(const struct reading *reading, const struct pmt_groups *groups,
	   const struct pmt_group *group, const struct pmt_group *owner,
	   bool sizes)
{
	json_t *json = json_key(reading, group), *samples = json_array();
	int64_t curve[PMT_GROUP_SAMPLES];

	if (group->key.own_file != PMT_NO_PART)
		json_set(json, "own", json_own(reading, &group->key));
	if (group->key.imports)
		json_set(json, "import", json_true());
	json_set(json, "alive", json_integer((json_int_t)group->live));
	if (groups->sample > 1)
		json_set(json, "error", json_integer((json_int_t)
			pmt_sampled_error(group->live, groups->sample)));
	json_set(json, "made", json_integer((json_int_t)group->made));
	if (sizes)
		json_set(json, "bytes", json_integer(group->bytes));
	/* What was alive at the peak may be gone. */
	if (group->first <= group->last) {
		json_set(json, "first", json_seconds(group->first));
		json_set(json, "last", json_seconds(group->last));
	}
	json_set(json, "growing", json_boolean(group->growing));
	set_holders(json, reading, group, owner);
	pmt_group_samples(group, curve);
	for (int i = 0; i < PMT_GROUP_SAMPLES; i++)
		json_array_append_new(samples, json_integer(curve[i]));
	json_set(json, "history", samples);
	return json;
}

json_t *
json_groups(const struct reading *reading, const struct pmt_groups *groups,
	    bool sizes)
{
	const struct pmt_group **numbered;
	uint64_t top = reading->options->choice.top;
	json_t *list = json_array();

	/* Groups that are not wanted have numbers, too. */
	numbered = cli_need(calloc(pmt_groups_numbers(groups) + 1,
				   sizeof(*numbered)));
	for (size_t i = 0; i < groups->count; i++)
		numbered[groups->list[i].number] = &groups->list[i];
	for (size_t i = 0; i < groups->count && i < top; i++) {
		uint32_t owner = groups->list[i].owner;

		json_array_append_new(list, json_group(
			reading, groups, &groups->list[i],
			owner == PMT_NO_PART ? NULL : numbered[owner],
			sizes));
	}
	free(numbered);
	return list;
}
