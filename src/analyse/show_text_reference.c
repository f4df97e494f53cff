/* SPDX-License-Identifier: MIT */
/* show_text_reference.c - a reference log as text. */
#include <config.h>

#include <errno.h>
#include <stdio.h>

#include "analyse/show.h"
#include "analyse/show_text.h"
#include "cli/cli.h"
#include "report/leakreport.h"

static int
print_report(const struct pmt_leakreport *report,
	     const struct options *options)
{
	int err = pmt_leakreport_leaks(stdout, report);

	/* Who is in a hurry does not want the long lists. */
	if (err != 0 || options->brief || cli_stopped())
		return err;
	putchar('\n');
	if (options->include_untracked)
		err = pmt_leakreport_untracked(stdout, report);
	if (err == 0)
		err = pmt_leakreport_objects(stdout, report);
	if (err == 0)
		err = pmt_leakreport_types(stdout, report);
	return err;
}

bool
show_text_reference(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct options *options = reading->options;
	struct pmt_leakreport report = {
		.leaks = analysis->leaks,
		.sites = reading->sites,
		.choice = options->choice,
		.rows = reading->rows,
		.first_clock = reading->first_clock,
		.last_clock = reading->last_clock,
		.tracer = reading->tracer,
		.sizes = pmt_log_has(reading->log, PMT_COLUMN_SIZE),
		.live_counts = pmt_log_has(reading->log, PMT_COLUMN_LIVE),
		.full_path = options->full_path,
		.utf8 = options->utf8,
		.colour = options->colour,
		.running = reading->interrupted || reading->cut ||
			   !pmt_log_ended(reading->log),
		.stopped = reading->interrupted ? NULL : cli_stopped,
	};

	show_text_heading(reading);
	if (print_report(&report, options) != 0)
		cli_die(CLI_FAILED, ENOMEM, "%s", reading->path);
	return true;
}
