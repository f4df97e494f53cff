/* SPDX-License-Identifier: MIT */
/* show_records.c - records of processes as text, JSON, a page or a picture. */
#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/records.h"
#include "analyse/show.h"
#include "analyse/show_html.h"
#include "analyse/show_json.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/name.h"
#include "report/reporttext.h"

static void
print_process(const struct records *records,
	      const struct record_process *process,
	      const struct options *options)
{
	int64_t samples[PMT_TIMELINE_STEPS];
	char first[PMT_SIZE_TEXT], peak[PMT_SIZE_TEXT], last[PMT_SIZE_TEXT];

	pmt_series_sample(&process->rss, &records->timeline, samples,
			  PMT_TIMELINE_STEPS);
	printf("%8d %8" PRIu64 " %9s %9s %9s %8.1f  ", (int)process->pid,
	       process->samples,
	       pmt_format_size((int64_t)process->first, first),
	       pmt_format_size((int64_t)process->peak, peak),
	       pmt_format_size((int64_t)process->last, last), process->cpu);
	pmt_print_curve(stdout, samples, PMT_TIMELINE_STEPS, options->utf8);
	fputs(process->ended ? "  ended\n" : "\n", stdout);
}

/* For qsort(3): the highest peak first. */
static int
compare_peaks(const void *left, const void *right)
{
	const struct record_process *a = left, *b = right;

	if (a->peak != b->peak)
		return a->peak < b->peak ? 1 : -1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

static void
print_text(const struct records *records, const struct options *options)
{
	uint64_t top = options->choice.top;
	char *path = cli_printable(records->path);
	char *begun = cli_printable(records->begun);
	char size[3][PMT_SIZE_TEXT];

	printf("File path: %s\n", path);
	printf("Records: %" PRIu64 " of %zu process%s, from %s for %.1f s\n",
	       records->stats.records, records->count,
	       records->count == 1 ? "" : "es", begun,
	       (double)records->end / 1e9);
	printf("RSS of all together: %s at first, %s at most, %s at last\n",
	       pmt_format_size(records->rss_first, size[0]),
	       pmt_format_size(records->rss_peak, size[1]),
	       pmt_format_size(records->rss_last, size[2]));
	puts("\n     PID  Records     First      Peak      Last  CPU (s)  "
	     "RSS over time");
	for (size_t i = 0; i < records->count && i < top; i++)
		print_process(records, &records->list[i], options);
	if (records->count > top)
		printf("     ... %zu more; --top 0 shows all\n",
		       records->count - (size_t)top);
	puts("\nNext: pmt-process LOG prints each record, pmt-run -p SCRIPT "
	     "names the code.");
	free(path);
	free(begun);
}

static json_t *
json_process(const struct records *records,
	     const struct record_process *process)
{
	int64_t samples[PMT_TIMELINE_STEPS];
	json_t *json = cli_need(json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:I, s:b}",
		"pid", (json_int_t)process->pid,
		"records", (json_int_t)process->samples,
		"rss_first", (json_int_t)process->first,
		"rss_peak", (json_int_t)process->peak,
		"rss_last", (json_int_t)process->last,
		"cpu_seconds", process->cpu,
		"page_faults", (json_int_t)process->faults,
		"threads", (json_int_t)process->threads,
		"fds", (json_int_t)process->fds,
		"ended", (int)process->ended));

	pmt_series_sample(&process->rss, &records->timeline, samples,
			  PMT_TIMELINE_STEPS);
	json_set(json, "history", json_integers(samples, PMT_TIMELINE_STEPS));
	return json;
}

static json_t *
json_marks(const struct records *records)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < records->mark_count; i++) {
		const struct record_mark *mark = &records->marks[i];

		json_array_append_new(list, json_pack(
			"{s:o, s:o}", "clock", json_seconds(mark->clock),
			"text", json_text((struct pmt_text){
				mark->text, strlen(mark->text) })));
	}
	return list;
}

static json_t *
make_json(const struct records *records, const struct options *options)
{
	uint64_t top = options->choice.top;
	int64_t clocks[PMT_TIMELINE_STEPS];
	json_t *json = cli_need(json_object()), *list = json_array();

	json_set(json, "file", json_text((struct pmt_text){
		records->path, strlen(records->path) }));
	json_set(json, "kind", json_string("process"));
	json_set(json, "rows",
		 json_integer((json_int_t)records->stats.records));
	json_set(json, "begun", json_text((struct pmt_text){
		records->begun, strlen(records->begun) }));
	json_set(json, "clock", json_pack("[f, o]", 0.0,
					  json_seconds(records->end)));
	json_set(json, "rss", json_pack(
		"{s:I, s:I, s:I}",
		"first", (json_int_t)records->rss_first,
		"peak", (json_int_t)records->rss_peak,
		"last", (json_int_t)records->rss_last));
	for (size_t i = 0; i < records->count && i < top; i++)
		json_array_append_new(list, json_process(records,
							 &records->list[i]));
	json_set(json, "processes", list);
	json_set(json, "messages", json_marks(records));
	json_set(json, "curve", json_curve(records->curves->rss));
	pmt_timeline_moments(&records->timeline, clocks, PMT_TIMELINE_STEPS);
	json_set(json, "moments", json_clocks(clocks, PMT_TIMELINE_STEPS));
	return json;
}

static void
show_page(const struct records *records, const struct options *options,
	  json_t *list)
{
	const struct options text = page_text_options(options);
	const struct options tables = page_table_options(options);
	struct page_capture capture;
	char *screen;

	page_capture_begin(&capture);
	print_text(records, &text);
	screen = page_capture_end(&capture);
	json_array_append_new(list, make_json(records, &tables));
	page_add(list, screen, NULL, false, options->log_count);
	free(screen);
}

/* As logs of allocations are drawn, whose curves are of bytes, too. */
static bool
show_curves(struct records *records, const struct options *options)
{
	const struct reading reading = {
		.path = records->path, .options = options,
		.last_clock = records->end,
	};
	const struct analysis analysis = {
		.reading = &reading, .curves = records->curves,
	};

	/* Of a single process, all together is that one. */
	if (records->count == 1)
		records_drop_curves(records);
	return options->plot != NULL ? show_plot_live(&analysis)
				     : show_perfetto(&analysis);
}

static bool
has_view(const struct options *options)
{
	return !options->csv && !options->folded && !options->gcc &&
	       !options->text && options->path_to == NULL &&
	       !options->compare && !options->merge &&
	       (options->output == OUTPUT_NONE ||
		options->output == OUTPUT_HTML ||
		options->output == OUTPUT_PERFETTO);
}

bool
records_show(const char *path, const struct options *options, json_t *list)
{
	struct records records;
	bool whole;

	if (!has_view(options)) {
		cli_warn(0, "'%s' holds records of pmt-process: of these there "
			 "is text, --json, --html, --plot and --perfetto; for "
			 "rows: pmt-process --csv LOG", path);
		return false;
	}
	whole = records_read(&records, path);
	cli_progress_end();
	if (records.count > 0) {
		if (options->plot != NULL ||
		    options->output == OUTPUT_PERFETTO) {
			whole &= show_curves(&records, options);
		} else {
			qsort(records.list, records.count,
			      sizeof(*records.list), compare_peaks);
			if (options->output == OUTPUT_HTML)
				show_page(&records, options, list);
			else if (options->json)
				json_array_append_new(list, make_json(
					&records, options));
			else
				print_text(&records, options);
		}
	}
	records_fini(&records);
	return whole;
}
