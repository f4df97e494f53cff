/* SPDX-License-Identifier: MIT */
/*
 * show_perfetto.c - memory over time as trace events, the JSON that
 * https://ui.perfetto.dev and chrome://tracing show.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "analyse/output.h"
#include "analyse/show_json.h"
#include "analyse/show_series.h"
#include "cli/cli.h"

/* Nanoseconds as the microseconds of the format. */
static json_t *
json_moment(int64_t clock)
{
	return json_real((double)clock / 1e3);
}

static json_t *
json_string_of(const char *text)
{
	return json_text((struct pmt_text){ text, strlen(text) });
}

static void
add_value(json_t *events, const struct series *series, int64_t clock,
	  int64_t value)
{
	json_array_append_new(events, cli_need(json_pack(
		"{s:s, s:i, s:o, s:o, s:{s:I}}", "ph", "C", "pid", 1,
		"name", json_string_of(series->name),
		"ts", json_moment(clock), "args",
		series->bytes ? "bytes" : "objects", (json_int_t)value)));
}

/* Of the values of a point the highest and the last. */
static void
add_series(json_t *events, const struct series *series, int64_t end)
{
	const struct pmt_curve_point *point = series->curve->points;

	for (unsigned i = 0; i < series->curve->count; i++) {
		point = &series->curve->points[i];
		add_value(events, series, point->clock, point->high);
		if (point->last != point->high)
			add_value(events, series, point->clock, point->last);
	}
	if (end > point->clock)
		add_value(events, series, end, point->last);
}

static void
add_marks(json_t *events, const struct profile *profile)
{
	for (size_t i = 0; i < profile->mark_count; i++)
		json_array_append_new(events, cli_need(json_pack(
			"{s:s, s:s, s:i, s:o, s:o}", "ph", "i", "s", "g",
			"pid", 1,
			"name", json_string_of(profile->marks[i].text),
			"ts", json_moment(profile->marks[i].clock))));
}

bool
show_perfetto(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const char *path = reading->options->out;
	FILE *out = output_open(path);
	json_t *events = cli_need(json_array()), *json;
	size_t count;
	struct series *series = series_of(analysis, &count);

	json_array_append_new(events, cli_need(json_pack(
		"{s:s, s:i, s:s, s:{s:o}}", "ph", "M", "pid", 1, "name",
		"process_name", "args", "name",
		json_string_of(reading->path))));
	for (size_t i = 0; i < count; i++)
		add_series(events, &series[i], reading->last_clock);
	if (analysis->profile != NULL)
		add_marks(events, analysis->profile);
	json = cli_need(json_pack("{s:o}", "traceEvents", events));
	free(series);
	if (out != NULL)
		json_dumpf(json, out, JSON_COMPACT | JSON_ENSURE_ASCII |
			   JSON_REAL_PRECISION(15));
	json_decref(json);
	return out != NULL && output_close(out, path);
}
