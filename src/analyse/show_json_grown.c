/* SPDX-License-Identifier: MIT */
/* show_json_grown.c - what there is more of than at the start, as JSON. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "analyse/makers.h"
#include "analyse/show_json.h"
#include "cli/cli.h"

static json_t *
json_maker(const struct reading *reading, const struct maker *maker)
{
	json_t *json = json_pack("{s:I}", "count", (json_int_t)maker->count);

	if (maker->file == PMT_NO_PART)
		return json;
	json_set(json, "file", json_text(pmt_sites_name(reading->sites,
							maker->file)));
	json_set(json, "line", json_integer(maker->line));
	json_set(json, "function", json_text(pmt_sites_name(
			reading->sites, maker->function)));
	return json;
}

static void
add_makers(json_t *json, const struct reading *reading,
	   const struct allocations *allocations,
	   const struct pmt_grown_kind *kind)
{
	struct makers makers = makers_of(reading, allocations, kind);
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < makers.count; i++)
		json_array_append_new(list, json_maker(reading,
						       &makers.list[i]));
	json_set(json, "makers", list);
	json_set(json, "looked_up",
		 json_integer((json_int_t)makers.looked_up));
	json_set(json, "older", json_integer((json_int_t)makers.unknown));
	free(makers.list);
}

static json_t *
json_kind(const struct pmt_grown_kind *kind)
{
	return cli_need(json_pack(
		"{s:o, s:I, s:I, s:I, s:I, s:{s:I, s:o}}",
		"type", json_text((struct pmt_text){
			kind->type, strlen(kind->type) }),
		"alive", (json_int_t)kind->live,
		"before", (json_int_t)kind->before,
		"bytes", (json_int_t)kind->bytes,
		"bytes_before", (json_int_t)kind->bytes_before,
		"held", "count", (json_int_t)kind->held,
		"by", json_text((struct pmt_text){
			kind->by, strlen(kind->by) })));
}

json_t *
json_grown(const struct reading *reading, const struct pmt_grown *grown,
	   const struct allocations *allocations)
{
	json_t *types = cli_need(json_array());

	for (size_t i = 0; i < grown->count; i++) {
		json_t *json = json_kind(&grown->kind[i]);

		if (allocations != NULL)
			add_makers(json, reading, allocations,
				   &grown->kind[i]);
		json_array_append_new(types, json);
	}
	return cli_need(json_pack("{s:I, s:I, s:I, s:o}",
				  "alive", (json_int_t)grown->live,
				  "before", (json_int_t)grown->before,
				  "bytes", (json_int_t)grown->bytes,
				  "types", types));
}
