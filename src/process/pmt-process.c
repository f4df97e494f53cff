/* SPDX-License-Identifier: MIT */
/* pmt-process: when does this process grow?  Records it, and reads records. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/recordlog.h"
#include "process/metrics.h"
#include "process/options.h"
#include "process/plot.h"
#include "process/row.h"
#include "process/table.h"
#include "process/watch.h"

/* What a log is turned into; one of the last three, or rows as they come. */
struct view {
	const struct process_arguments *arguments;
	struct process_past *past;
	struct process_table *table;
	struct process_plot *plot;
	struct process_metrics *metrics;
};

static void
take(const struct process_record *record, void *with)
{
	struct view *view = with;
	struct process_row row = process_row(view->past, record);

	if (view->metrics != NULL && !record->gone)
		process_metrics_set(view->metrics, record, NULL);
	else if (view->metrics != NULL)
		return;		/* its last sample stands */
	else if (view->plot != NULL)
		process_plot_add(view->plot, &row);
	else if (view->table != NULL)
		process_table_add(view->table, &row);
	else if (record->gone)
		return;
	else if (view->arguments->format == PROCESS_CSV)
		process_print_csv(stdout, &row);
	else
		process_print_json(stdout, &row);
	if (ferror(stdout))
		exit(CLI_FAILED);
}

static void
open_view(struct view *view)
{
	const struct process_arguments *arguments = view->arguments;

	view->past = process_past_new();
	if (arguments->format == PROCESS_OPENMETRICS)
		view->metrics = process_metrics_new();
	else if (arguments->directory != NULL)
		view->plot = process_plot_new(arguments->log,
					      arguments->directory);
	else if (arguments->format == PROCESS_DEFAULT)
		view->table = process_table_new();
	else if (arguments->format == PROCESS_CSV)
		process_print_csv_titles(stdout);
}

static int
write_metrics(const struct view *view)
{
	const char *output = view->arguments->output;
	int err = 0;

	if (output == NULL)
		process_metrics_print(view->metrics, stdout);
	else
		err = process_metrics_replace(view->metrics, output,
					      view->arguments->mode);
	if (err != 0)
		cli_warn(err, "cannot write '%s'", output);
	return err == 0 ? CLI_OK : CLI_FAILED;
}

static int
close_view(struct view *view)
{
	int status = CLI_OK;

	if (view->metrics != NULL) {
		status = write_metrics(view);
		process_metrics_free(view->metrics);
	}
	if (view->plot != NULL)
		status = process_plot_finish(view->plot);
	if (view->table != NULL)
		process_table_finish(view->table);
	process_past_free(view->past);
	return status;
}

static int
read_log(const struct process_arguments *arguments)
{
	struct view view = { .arguments = arguments };
	struct process_log_stats stats;
	int status;

	open_view(&view);
	process_log_read(arguments->log, &stats, take, &view);
	status = close_view(&view);
	if (stats.broken > 0)
		cli_warn(0, "'%s': %ju broken record%s, the first in line %ju",
			 arguments->log, (uintmax_t)stats.broken,
			 stats.broken == 1 ? "" : "s",
			 (uintmax_t)stats.first_broken);
	if (stats.records == 0) {
		cli_warn(0, "'%s' holds no process records", arguments->log);
		return CLI_FAILED;
	}
	return status;
}

int
main(int argc, char **argv)
{
	struct process_arguments arguments;

	cli_start("pmt-process");
	process_parse_options(argc, argv, &arguments);
	cli_catch_signals();
	return cli_finish(arguments.log != NULL ? read_log(&arguments) :
			  process_watch(&arguments));
}
