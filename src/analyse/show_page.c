/* SPDX-License-Identifier: MIT */
/* show_page.c - a log's part of a page: its first screen, tables and paths. */
#include <config.h>

#include <stdlib.h>

#include "analyse/show_html.h"
#include "analyse/show.h"
#include "analyse/stacks_of.h"

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
show_page(const struct analysis *analysis, show_function *show_text,
	  show_function *show_json, const struct stacks *stacks)
{
	const struct options options =
		page_table_options(analysis->reading->options);
	char *text = first_screen(show_text, analysis);
	bool shown = show_with(show_json, analysis, &options);

	if (shown)
		page_add(analysis->list, text, stacks, options.path_count);
	free(text);
	return shown;
}

bool
show_page_profile(const struct analysis *analysis)
{
	struct stacks stacks;
	bool shown;

	stacks_of_profile(&stacks, analysis->reading, analysis->profile);
	shown = show_page(analysis, show_text_profile, show_json_profile,
			  &stacks);
	stacks_fini(&stacks);
	return shown;
}

bool
show_page_reference(const struct analysis *analysis)
{
	struct stacks stacks;
	bool shown;

	if (!pmt_log_has(analysis->reading->log, PMT_COLUMN_STACK))
		return show_page(analysis, show_text_reference,
				 show_json_reference, NULL);
	stacks_of_reference(&stacks, analysis->reading, analysis->leaks);
	shown = show_page(analysis, show_text_reference, show_json_reference,
			  &stacks);
	stacks_fini(&stacks);
	return shown;
}

bool
show_page_allocations(const struct analysis *analysis)
{
	struct stacks stacks;
	bool shown;

	stacks_of_allocations(&stacks, analysis->reading,
			      analysis->allocations);
	shown = show_page(analysis, show_text_allocations,
			  show_json_allocations, &stacks);
	stacks_fini(&stacks);
	return shown;
}
