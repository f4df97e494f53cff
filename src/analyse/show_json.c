/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_json.h"

#include <string.h>

#include "cli/cli.h"

json_t *
json_seconds(int64_t clock)
{
	return json_real((double)clock / 1e9);
}

static json_t *
json_problems(const struct problems *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problems->count; i++)
		json_array_append_new(list, json_pack(
			"{s:I, s:s}",
			"line", (json_int_t)problems->list[i].line,
			"text", problems->list[i].text));
	return list;
}

json_t *
json_log(const struct reading *reading, const char *kind)
{
	struct pmt_text message = reading_message(reading);
	struct pmt_text path = { reading->path, strlen(reading->path) };
	json_t *json = cli_need(json_object());

	json_set(json, "file", json_text(path));
	json_set(json, "kind", json_string(kind));
	if (message.length > 0)
		json_set(json, "message", json_text(message));
	if (reading->tracer != NULL)
		json_set(json, "tracer", json_text((struct pmt_text){
			reading->tracer, strlen(reading->tracer) }));
	json_set(json, "rows", json_integer((json_int_t)reading->rows));
	json_set(json, "clock", json_pack("[o, o]",
					  json_seconds(reading->first_clock),
					  json_seconds(reading->last_clock)));
	if (reading->options->per != NULL)
		json_set(json, "units",
			 json_integer((json_int_t)reading->units));
	json_set(json, "whole", json_boolean(!reading->failed));
	json_set(json, "problems", json_problems(reading->problems));
	return json;
}

void
json_print(const json_t *list)
{
	json_dumpf(list, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII |
		   JSON_REAL_PRECISION(15));
	putchar('\n');
}
