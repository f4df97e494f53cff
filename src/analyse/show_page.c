/* SPDX-License-Identifier: MIT */
/* show_page.c - a log's part of a page: its first screen, tables and paths. */
#include <config.h>

#include <stdlib.h>

#include "analyse/show_html.h"
#include "analyse/show_html_data.h"
#include "analyse/show.h"

typedef bool show_function(const struct analysis *analysis);

/* The same analysis, shown with other options. */
static bool
show_with(show_function *show, const struct analysis *given,
	  const struct options *options)
{
	struct reading reading = *given->reading;
	struct analysis analysis = *given;

	reading.options = options;
	analysis.reading = &reading;
	return show(&analysis);
}

/* What SHOW prints for the first screen; the caller frees it. */
static char *
first_screen(show_function *show, const struct analysis *analysis)
{
	const struct options options =
		page_text_options(analysis->reading->options);
	struct page_capture capture;

	page_capture_begin(&capture);
	show_with(show, analysis, &options);
	return page_capture_end(&capture);
}

static bool
has_paths(const struct analysis *analysis)
{
	return analysis->leaks == NULL ||
	       pmt_log_has(analysis->reading->log, PMT_COLUMN_STACK);
}

void
show_json_paths(const struct analysis *analysis)
{
	json_t *list = analysis->list;
	struct stacks stacks;

	if (!has_paths(analysis))
		return;
	show_stacks_make(&stacks, analysis);
	json_set(json_array_get(list, json_array_size(list) - 1), "call_paths",
		 page_stacks(&stacks, UINT32_MAX));
	stacks_fini(&stacks);
}

static bool
show_page(const struct analysis *analysis, show_function *show_text,
	  show_function *show_json)
{
	const struct options options =
		page_table_options(analysis->reading->options);
	char *text = first_screen(show_text, analysis);
	bool shown = show_with(show_json, analysis, &options);
	struct stacks stacks = { .frames = NULL };

	if (shown && has_paths(analysis))
		show_stacks_make(&stacks, analysis);
	if (shown)
		page_add(analysis->list, text,
			 has_paths(analysis) ? &stacks : NULL, false,
			 options.log_count);
	stacks_fini(&stacks);
	free(text);
	return shown;
}

bool
show_page_profile(const struct analysis *analysis)
{
	return show_page(analysis, show_text_profile, show_json_profile);
}

bool
show_page_reference(const struct analysis *analysis)
{
	return show_page(analysis, show_text_reference, show_json_reference);
}

bool
show_page_allocations(const struct analysis *analysis)
{
	return show_page(analysis, show_text_allocations,
			 show_json_allocations);
}
