/* SPDX-License-Identifier: MIT */
/* pmt-analyse - what do these logs say about where memory goes? */
#include <config.h>

#include <stdlib.h>

#include "analyse/allocations.h"
#include "analyse/compare.h"
#include "analyse/compare_paths.h"
#include "analyse/compare_renames.h"
#include "analyse/dump.h"
#include "analyse/heap.h"
#include "analyse/logs_of.h"
#include "analyse/mallocs.h"
#include "analyse/merge.h"
#include "analyse/options.h"
#include "analyse/show_html.h"
#include "analyse/profile.h"
#include "analyse/reading.h"
#include "analyse/records.h"
#include "analyse/reference.h"
#include "analyse/show.h"
#include "analyse/show_compare.h"
#include "analyse/show_gcc.h"
#include "analyse/show_json.h"
#include "analyse/show_limits.h"
#include "analyse/snapshot.h"
#include "analyse/sqlite.h"
#include "analyse/summaries.h"
#include "analyse/traced.h"
#include "cli/cli.h"

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_CSV,
	FORMAT_PLOT,
	FORMAT_STACKS,
	FORMAT_MASSIF,
	FORMAT_PERFETTO,
	FORMAT_PAGE,
};

static const struct view {
	enum pmt_log_kind kind;
	enum format format;
	bool (*show)(const struct analysis *analysis);
} views[] = {
	{ PMT_LOG_PROFILE, FORMAT_TEXT, show_text_profile },
	{ PMT_LOG_PROFILE, FORMAT_JSON, show_json_profile },
	{ PMT_LOG_PROFILE, FORMAT_CSV, show_csv_profile },
	{ PMT_LOG_PROFILE, FORMAT_PAGE, show_page_profile },
	{ PMT_LOG_PROFILE, FORMAT_STACKS, show_stacks },
	{ PMT_LOG_PROFILE, FORMAT_PLOT, show_plot_profile },
	{ PMT_LOG_PROFILE, FORMAT_MASSIF, show_massif },
	{ PMT_LOG_PROFILE, FORMAT_PERFETTO, show_perfetto },
	{ PMT_LOG_REFERENCE, FORMAT_TEXT, show_text_reference },
	{ PMT_LOG_REFERENCE, FORMAT_JSON, show_json_reference },
	{ PMT_LOG_REFERENCE, FORMAT_CSV, show_csv_reference },
	{ PMT_LOG_REFERENCE, FORMAT_PLOT, show_plot_live },
	{ PMT_LOG_REFERENCE, FORMAT_PAGE, show_page_reference },
	{ PMT_LOG_REFERENCE, FORMAT_STACKS, show_stacks },
	{ PMT_LOG_REFERENCE, FORMAT_MASSIF, show_massif },
	{ PMT_LOG_REFERENCE, FORMAT_PERFETTO, show_perfetto },
	{ PMT_LOG_ALLOCATION, FORMAT_TEXT, show_text_allocations },
	{ PMT_LOG_ALLOCATION, FORMAT_JSON, show_json_allocations },
	{ PMT_LOG_ALLOCATION, FORMAT_CSV, show_csv_allocations },
	{ PMT_LOG_ALLOCATION, FORMAT_PAGE, show_page_allocations },
	{ PMT_LOG_ALLOCATION, FORMAT_STACKS, show_stacks },
	{ PMT_LOG_ALLOCATION, FORMAT_PLOT, show_plot_live },
	{ PMT_LOG_ALLOCATION, FORMAT_MASSIF, show_massif },
	{ PMT_LOG_ALLOCATION, FORMAT_PERFETTO, show_perfetto },
};

static enum format
format_of(const struct options *options)
{
	if (options->plot != NULL)
		return FORMAT_PLOT;
	if (options->output == OUTPUT_HTML)
		return FORMAT_PAGE;
	if (options->output == OUTPUT_MASSIF)
		return FORMAT_MASSIF;
	if (options->output == OUTPUT_PERFETTO)
		return FORMAT_PERFETTO;
	if (options->folded || options->out != NULL)
		return FORMAT_STACKS;
	if (options->csv)
		return FORMAT_CSV;
	return options->json ? FORMAT_JSON : FORMAT_TEXT;
}

/* Returns NULL, after a message, when this kind has no such view. */
static const struct view *
find_view(struct reading *reading)
{
	enum pmt_log_kind kind = pmt_log_kind(reading->log);
	enum format format = format_of(reading->options);

	if (kind == PMT_LOG_REFERENCE && format == FORMAT_STACKS &&
	    !pmt_log_has(reading->log, PMT_COLUMN_STACK)) {
		reading_say(reading, LEVEL_ERROR, 0, "this log has no call "
			    "paths to fold: pmt-run -r --stack");
		return NULL;
	}
	for (size_t i = 0; i < PMT_ARRAY_SIZE(views); i++)
		if (views[i].kind == kind && views[i].format == format)
			return &views[i];
	return NULL;
}

static bool
needs_curves(const struct reading *reading)
{
	switch (format_of(reading->options)) {
	case FORMAT_PAGE:
	case FORMAT_PLOT:
	case FORMAT_MASSIF:
	case FORMAT_PERFETTO:
		return true;
	default:
		return false;
	}
}

/* Returns false unless all of it could be read and shown. */
static bool
read_and_show(struct reading *reading, json_t *list)
{
	const struct view *view = find_view(reading);
	struct analysis analysis = { .reading = reading, .list = list };
	struct profile profile = { .growth = NULL };
	struct allocations allocations = { .books = NULL };
	struct live_curves *curves = NULL;
	struct pmt_leaks *leaks = NULL;
	bool shown;

	if (pmt_log_kind(reading->log) == PMT_LOG_PROFILE) {
		profile_read(&profile, reading);
		analysis.profile = &profile;
	} else if (pmt_log_kind(reading->log) == PMT_LOG_REFERENCE) {
		if (needs_curves(reading))
			curves = live_curves_new(&reading->options->choice);
		leaks = reference_read(reading, curves);
		analysis.leaks = leaks;
	} else if (pmt_log_kind(reading->log) == PMT_LOG_ALLOCATION) {
		if (needs_curves(reading))
			curves = live_curves_new_of_bytes();
		allocations_read(&allocations, reading, curves);
		analysis.allocations = &allocations;
	} else {
		while (reading_next(reading) != NULL)
			continue;
	}
	cli_progress_end();
	analysis.curves = curves;
	shown = view != NULL && view->show(&analysis);
	if (shown && reading->options->call_paths)
		show_json_paths(&analysis);
	shown &= show_limits(&analysis);
	profile_fini(&profile);
	allocations_fini(&allocations);
	pmt_leaks_free(leaks);
	live_curves_free(curves);
	return shown && !reading->failed;
}

/* Options of heap snapshots were given, but PATH is none: false. */
static bool
refuse_heap_options(const struct options *options, const char *path)
{
	if (options->path_to == NULL)
		return true;
	cli_warn(0, "'%s' is no heap snapshot: --path-to does not apply", path);
	return false;
}

static bool
analyse(const struct options *given, const char *path, json_t *list)
{
	struct options options = *given;
	struct pmt_sites *sites = cli_need(pmt_sites_new());
	struct problems *problems = cli_need(calloc(1, sizeof(*problems)));
	struct reading reading;
	bool whole = false;

	if (reading_open(&reading, path, &options, sites, problems)) {
		whole = options.text ? dump_log(&reading) :
			options.output == OUTPUT_SQLITE
				? sqlite_log(&reading)
				: read_and_show(&reading, list);
		reading_close(&reading);
	}
	problems_free(problems);
	pmt_sites_free(sites);
	return whole;
}

/* One path, be it of a log, of a heap snapshot or of records. */
static bool
analyse_path(const struct options *options, const char *path, json_t *list)
{
	if (heap_is(path))
		return heap_show(path, options, list) &
		       show_limits_of_none(options, path);
	if (records_is(path))
		return records_show(path, options, list) &
		       show_limits_of_none(options, path);
	if (summary_is(path)) {
		cli_warn(0, "'%s' is a report already; two of them can be "
			 "compared: --compare", path);
		return false;
	}
	return refuse_heap_options(options, path) &&
	       analyse(options, path, list);
}

/* How many logs are there, those of directories too? */
static size_t
count_logs(const struct options *options)
{
	size_t count = 0;

	for (size_t i = 0; i < options->path_count; i++) {
		struct logs_of logs = { NULL, 0 };

		if (!logs_is_directory(options->paths[i]))
			count++;
		else if (logs_of(&logs, options->paths[i]))
			count += logs.count;
		logs_of_free(&logs);
	}
	return count > 0 ? count : 1;
}

/* All logs, those of a directory too, each for itself. */
static bool
analyse_all(const struct options *options, json_t *list)
{
	bool whole = true;

	for (size_t i = 0; i < options->path_count; i++) {
		struct logs_of logs;

		whole &= logs_of(&logs, options->paths[i]);
		for (size_t j = 0; j < logs.count && !cli_stopped(); j++) {
			const char *path = logs.paths[j];

			whole &= mallocs_is(path)
				? mallocs_show(path, options, list) &
				  show_limits_of_none(options, path)
				: analyse_path(options, path, list);
		}
		logs_of_free(&logs);
	}
	return whole;
}

/* What is left of GIVEN where all of a log is wanted, as JSON. */
static struct options
options_of_json(const struct options *given)
{
	struct options options = *given;

	options.json = true;
	options.output = OUTPUT_NONE;
	options.out = NULL;
	options.choice.top = UINT64_MAX;
	options.choice.fold_imports = false;
	return options;
}

static bool
merge(const struct options *given)
{
	struct options options = options_of_json(given);
	json_t *list = cli_need(json_array());
	struct merged merged;
	bool whole = analyse_all(&options, list), made;

	cli_progress_end();
	made = merge_make(&merged, list);
	if (made)
		show_merged(&merged, given);
	merge_fini(&merged);
	json_decref(list);
	return whole && made;
}

/* Are they logs of one program, rather than of several? */
static bool
is_merged(const struct options *options)
{
	if (options->by == OPTIONS_BY_PID || options->output != OUTPUT_NONE)
		return false;
	for (size_t i = 0; i < options->path_count; i++)
		if (logs_is_directory(options->paths[i]))
			return true;
	return options->merge;
}

/* What is only ever compared, too. */
static bool
read_side(const struct options *options, const char *path, json_t *list)
{
	if (summary_is(path))
		return summary_read(path, list);
	if (traced_is(path))
		return traced_read(path, list);
	return analyse_path(options, path, list);
}

/* As a picture, a page, or as text or JSON.  LIST is the page's. */
static bool
show_comparison(const struct comparison *comparison,
		json_t *sides[COMPARE_SIDES], const struct options *options,
		json_t *list)
{
	struct stacks stacks = { .frames = NULL };
	bool has_paths = options->output != OUTPUT_NONE &&
			 compare_paths(&stacks, comparison, sides, options);
	bool shown = true;

	if (options->output == OUTPUT_HTML)
		show_compare_page(comparison, has_paths ? &stacks : NULL,
				  options, list);
	else if (options->output == OUTPUT_NONE)
		show_compare(comparison, options);
	else
		shown = show_compare_picture(has_paths ? &stacks : NULL,
					     options);
	stacks_fini(&stacks);
	return shown;
}

/*
 * The old and the new side are a log or a directory of logs each.  What LIST
 * gets is for a page.
 */
static bool
compare(const struct options *given, json_t *list)
{
	struct options options = options_of_json(given);
	struct comparison comparison;
	json_t *sides[COMPARE_SIDES];
	bool whole = true, compared;

	options.call_paths = given->output != OUTPUT_NONE;
	for (int side = 0; side < COMPARE_SIDES; side++) {
		struct logs_of logs;

		sides[side] = cli_need(json_array());
		whole &= logs_of(&logs, given->paths[side]);
		for (size_t i = 0; i < logs.count && !cli_stopped(); i++)
			whole &= read_side(&options, logs.paths[i],
					   sides[side]);
		logs_of_free(&logs);
	}
	cli_progress_end();
	compared = compare_make(&comparison, sides, given);
	if (compared) {
		compare_join_renamed(&comparison);
		whole &= show_comparison(&comparison, sides, given, list);
	}
	whole &= compared && !compare_exceeds(&comparison, given);
	compare_fini(&comparison);
	for (int side = 0; side < COMPARE_SIDES; side++)
		json_decref(sides[side]);
	return whole;
}

int
main(int argc, char **argv)
{
	struct options options;
	json_t *list = NULL;
	bool whole, merged;

	cli_start("pmt-analyse");
	snapshot_become_top(argv);
	options_parse(argc, argv, &options);
	cli_catch_signals();
	options.log_count = options.compare ? 1 : count_logs(&options);
	merged = !options.compare && !options.diff && is_merged(&options);
	if ((options.json && !options.compare && !merged) ||
	    options.output == OUTPUT_HTML)
		list = cli_need(json_array());
	if (merged)
		whole = merge(&options);
	else if (options.compare)
		whole = compare(&options, list);
	else if (options.diff)
		whole = heap_show_diff(&options, list);
	else
		whole = analyse_all(&options, list);
	cli_progress_end();
	if (options.output == OUTPUT_HTML)
		whole &= page_write(list, &options);
	else if (options.gcc)
		show_gcc(list, &options);
	else if (list != NULL)
		json_print(list);
	json_decref(list);
	free(options.choice.types);
	cli_limits_fini(&options.limits);
	return cli_finish(whole ? CLI_OK : CLI_FAILED);
}
