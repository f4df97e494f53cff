/* SPDX-License-Identifier: MIT */
/*
 * show_speedscope.c - call paths as JSON for https://www.speedscope.app, in
 * its format of sampled profiles: one a measure.
 */
#include <config.h>

#include <jansson.h>

#include "analyse/output.h"
#include "analyse/show_json.h"
#include "analyse/show_stacks.h"
#include "cli/cli.h"

static json_t *
json_frames(const struct stacks *stacks)
{
	json_t *list = cli_need(json_array());

	for (uint32_t i = 0; i < stacks->frame_count; i++) {
		const struct stack_frame *frame = &stacks->frames[i];
		json_t *json = json_pack("{s:o}", "name",
					 json_text(frame->function));

		if (frame->file.length > 0)
			json_set(json, "file", json_text(frame->file));
		if (frame->line > 0)
			json_set(json, "line", json_integer(frame->line));
		json_array_append_new(list, json);
	}
	return list;
}

/* Outermost first. */
static json_t *
json_sample(const struct stacks *stacks, uint32_t node)
{
	uint32_t path[STACK_DEPTH], depth;
	json_t *list = cli_need(json_array());
	bool cut;

	depth = stacks_path(stacks, node, path, &cut);
	while (depth-- > 0)
		json_array_append_new(list, json_integer(path[depth]));
	return list;
}

static json_t *
json_profile(const struct stacks *stacks, unsigned int measure)
{
	const struct stack_measure *is = &stacks->measures[measure];
	bool bytes = is->unit[0] == 'b';
	json_t *samples = json_array(), *weights = json_array();
	uint64_t sum = 0;

	for (uint32_t i = 0; i < stacks->node_count; i++) {
		uint64_t value = stacks->nodes[i].values[measure];

		if (value == 0)
			continue;
		sum += value;
		json_array_append_new(samples, json_sample(stacks, i));
		json_array_append_new(weights,
				      json_integer((json_int_t)value));
	}
	return cli_need(json_pack(
		"{s:s, s:s, s:s, s:i, s:I, s:o, s:o}", "type", "sampled",
		"name", is->name, "unit", bytes ? "bytes" : "none",
		"startValue", 0, "endValue", (json_int_t)sum,
		"samples", samples, "weights", weights));
}

bool
show_speedscope(const struct stacks *stacks, const struct reading *reading)
{
	const char *path = reading->options->out;
	FILE *out = output_open(path);
	json_t *profiles, *json;

	if (out == NULL)
		return false;
	profiles = cli_need(json_array());
	for (unsigned int i = 0; i < stacks->measure_count; i++)
		json_array_append_new(profiles, json_profile(stacks, i));
	json = cli_need(json_pack(
		"{s:s, s:s, s:{s:o}, s:i, s:o}", "$schema",
		"https://www.speedscope.app/file-format-schema.json",
		"exporter", PACKAGE_STRING,
		"shared", "frames", json_frames(stacks),
		"activeProfileIndex", (int)stacks->chosen,
		"profiles", profiles));
	json_dumpf(json, out, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(json);
	return output_close(out, path);
}
