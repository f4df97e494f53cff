/* SPDX-License-Identifier: MIT */
/* show_compare_page.c - what differs between logs, as a part of a page. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "analyse/show_compare.h"
#include "analyse/show_html.h"
#include "analyse/show_json.h"
#include "cli/cli.h"

static json_t *
mean(const struct comparison *comparison, int side, double *const *values)
{
	return json_real(compare_mean(comparison, side, values[side]));
}

static json_t *
json_row(const struct comparison *comparison, const struct compare_row *row)
{
	json_t *json = cli_need(json_object());

	if (row->type[0] != '\0')
		json_set(json, "type", json_string(row->type));
	if (row->file[0] != '\0')
		json_set(json, "file", json_string(row->file));
	if (row->function[0] != '\0')
		json_set(json, "function", json_string(row->function));
	if (comparison->has_bytes) {
		json_set(json, "old_bytes",
			 mean(comparison, COMPARE_OLD, row->bytes));
		json_set(json, "new_bytes",
			 mean(comparison, COMPARE_NEW, row->bytes));
		json_set(json, "change", json_real(
			compare_change_of(comparison, row->bytes)));
	}
	if (comparison->has_count) {
		json_set(json, "old",
			 mean(comparison, COMPARE_OLD, row->count));
		json_set(json, "new",
			 mean(comparison, COMPARE_NEW, row->count));
		json_set(json, "rise", json_real(
			compare_change_of(comparison, row->count)));
	}
	if (compare_is_noise(comparison, row))
		json_set(json, "note", json_string("noise"));
	else if (row->was_file != NULL)
		json_set(json, "note", cli_need(json_sprintf(
			"was %s %s%s%s %s", row->was_file, row->was_function,
			row->was_own_function[0] != '\0' ? " for " : "",
			row->was_own_file, row->was_own_function)));
	if (row->own_function[0] != '\0')
		json_set(json, "own", cli_need(json_pack(
			"{s:s, s:s}", "file", row->own_file,
			"function", row->own_function)));
	return json;
}

void
show_compare_page(const struct comparison *comparison,
		  const struct stacks *stacks, const struct options *options,
		  json_t *list)
{
	const struct options text = page_text_options(options);
	uint64_t top = page_table_options(options).choice.top;
	json_t *rows = cli_need(json_array());
	struct page_capture capture;
	char *screen;

	page_capture_begin(&capture);
	show_compare(comparison, &text);
	screen = page_capture_end(&capture);
	for (size_t i = 0; i < comparison->row_count &&
	     json_array_size(rows) < top; i++)
		if (fabs(compare_change(comparison, &comparison->rows[i])) > 0)
			json_array_append_new(rows, json_row(
				comparison, &comparison->rows[i]));
	json_array_append_new(list, cli_need(json_pack(
		"{s:o, s:s, s:o}", "file", cli_need(json_sprintf(
			"%s, and what changed since %s",
			options->paths[COMPARE_NEW],
			options->paths[COMPARE_OLD])),
		"kind", "comparison", "compared", rows)));
	page_add(list, screen, stacks, true, 1);
	free(screen);
}
