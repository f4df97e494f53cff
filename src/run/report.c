/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"
#include "cli/cli.h"
#include "cli/name.h"
#include "cli/python.h"
#include "log/logtail.h"
#include "run/children.h"
#include "run/growing.h"
#include "run/screen.h"
#include "run/started.h"
#include "run/starts.h"

static void
say(const char *format, const char *text)
{
	char *escaped = cli_printable(text);

	cli_warn(0, format, escaped);
	free(escaped);
}

/* Of Python 3.8 and newer, which "3.12.1" is. */
static bool
heap_is_walked(const struct run_board *board)
{
	const char *version = run_board_get(board, "python");
	const char *minor = version == NULL ? NULL : strchr(version, '.');

	return minor != NULL && atoi(minor + 1) >= 8;
}

bool
run_report_refused(const struct run_board *board, const char *python,
		   const char *package)
{
	const char *unfit = run_board_get(board, "unfit");
	const char *refused = run_board_get(board, "refused");
	const char *oldest = run_board_get(board, "oldest");
	char *served, *file;

	if (refused != NULL)
		say("%s", refused);
	if (unfit == NULL)
		return refused != NULL;
	cli_warn(0, "'%s' is Python %s: %s", python,
		 run_board_get(board, "python"), unfit);
	served = cli_python_served(package);
	cli_warn(0, "this build serves %s: choose with --python, or add more "
		 "with ./configure --with-pythons", served);
	free(served);
	file = cli_python_find_served(package,
				      oldest == NULL ? 8 : atoi(oldest));
	if (file != NULL)
		say("for example: --python=%s", file);
	free(file);
	/* Before that version nobody tells of objects, but the heap does. */
	if (oldest != NULL && atoi(oldest) > 8 && heap_is_walked(board))
		say("which lines made what stays, and what holds it, with this "
		    "one too: pmt-run -a --objects --heap-snapshot=1m "
		    "--python=%s ..., then pmt-analyse LOG.pmt and pmt-analyse "
		    "--diff FIRST.pmtheap LAST.pmtheap", python);
	return true;
}

/* The program had no time to close its log: do that, as far as it goes. */
static void
close_torn_log(const char *log)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int err = pmt_logtail_join(log);

	/* A child that was forked just now has the lock until it first runs. */
	for (int i = 0; i < 1000 && err == -EBUSY; i++) {
		nanosleep(&moment, NULL);
		err = pmt_logtail_join(log);
	}
	if (err < 0)
		cli_warn(err, "the log's end stays in '%s.tail'", log);
}

/* WHAT follows from the program's sudden end. */
static void
explain_end(const char *what, int status)
{
	if (status == RUN_UNKNOWN)
		cli_warn(0, "%s: the program ended meanwhile, not by its own "
			 "will, or became another one", what);
	else if (WIFSIGNALED(status))
		cli_warn(0, "%s: the program died of signal %d (%s)", what,
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		cli_warn(0, "%s: the program ended by _exit(2) with status "
			 "%d, or became another one", what,
			 WEXITSTATUS(status));
}

static void
summarize_profile(const struct run_board *board)
{
	int64_t growth = strtoll(run_board_get(board, "growth"), NULL, 10);
	char size[PMT_SIZE_TEXT];

	cli_warn(0, "%s events, memory %s by %s",
		 run_board_get(board, "events"),
		 growth < 0 ? "fell" : "grew",
		 pmt_format_size(growth < 0 ? -growth : growth, size));
}

static void
summarize_references(const struct run_board *board)
{
	const char *log = run_board_get(board, "log");
	const char *sample = run_board_get(board, "sampled");
	const char *freed = run_board_get(board, "freed-at-exit");
	struct run_growing growing;

	cli_warn(0, "%s objects made, %s destroyed",
		 run_board_get(board, "made"),
		 run_board_get(board, "destroyed"));
	cli_warn(0, "%s still alive", run_board_get(board, "alive"));
	if (freed != NULL)
		cli_warn(0, "%s more were before functions of atexit ran",
			 freed);
	if (sample != NULL)
		cli_warn(0, "1 in %s objects was seen: these are estimates",
			 sample);
	if (log == NULL || !run_growing(log, &growing))
		return;
	say(growing.at_peak ? "alive at the peak: %s" : "growing: %s",
	    growing.what);
	if (growing.held != NULL)
		say(growing.at_peak ? "held before the peak: %s" : "held: %s",
		    growing.held);
	free(growing.what);
	free(growing.held);
}

static void
summarize_allocations(const struct run_board *board)
{
	const char *lacks = run_board_get(board, "lacks");

	if (lacks != NULL)
		say("missing: %s", lacks);
}

static void
summarize(const struct run_board *board)
{
	if (run_board_get(board, "events") != NULL)
		summarize_profile(board);
	else if (run_board_get(board, "ended") != NULL)
		summarize_allocations(board);
	else
		summarize_references(board);
}

static void
explain_no_log(const struct run_board *board)
{
	if (run_board_get(board, "python") == NULL)
		cli_warn(0, "nothing was traced: the interpreter did not read "
			 "our start-up module");
	else
		cli_warn(0, "nothing was traced: the program did not begin");
}

static void
report_snapshots(const struct run_board *board, bool quiet)
{
	const char *last = run_board_get(board, "snapshot");
	const char *failed = run_board_get(board, "no-snapshot");

	if (failed != NULL)
		say("no heap snapshot: %s", failed);
	if (run_board_get(board, "signal-taken") != NULL && !quiet)
		cli_warn(0, "no heap snapshot by SIGUSR2: the program took it");
	if (last != NULL && !quiet &&
	    (failed == NULL || access(last, F_OK) == 0))
		say("heap snapshot: %s", last);
}

static bool
anyone_followed(const struct run_board *board)
{
	struct run_starts starts;
	bool any;

	run_starts_read(board, &starts);
	any = starts.follower_count > 0;
	run_starts_free(&starts);
	return any;
}

void
run_report(const struct run_board *board, int status, bool quiet)
{
	const char *summary = run_board_get(board, "summary");
	const char *log = summary != NULL ? summary
					  : run_board_get(board, "log");
	const char *incomplete = run_board_get(board, "incomplete");
	const char *left_out = run_board_get(board, "left-out");
	bool finished = run_board_get(board, "alive") != NULL ||
			run_board_get(board, "events") != NULL ||
			run_board_get(board, "ended") != NULL;
	size_t children;

	if (incomplete != NULL)
		say("the log is incomplete: %s", incomplete);
	if (log != NULL && !quiet)
		say(summary != NULL ? "summary: %s" : "log: %s", log);
	if (left_out != NULL && !quiet)
		cli_warn(0, "it is full: %s rows were left out", left_out);
	if (log != NULL && !finished && summary == NULL)
		close_torn_log(log);
	if (log != NULL && !finished && !quiet)
		explain_end(summary != NULL ? "it is not of the end"
					    : "no summary", status);
	else if (log != NULL && !quiet)
		summarize(board);
	else if (!quiet && run_board_get(board, "shown") == NULL)
		explain_no_log(board);

	children = log == NULL ? 0 : run_children_close_logs(board, log);
	report_snapshots(board, quiet);
	if (children > 0 && !quiet)
		cli_warn(0, "%s processes wrote %zu more log%s%s",
			 anyone_followed(board) ? "other" : "forked",
			 children, children == 1 ? "" : "s",
			 summary != NULL ? ""
				: "; pmt-analyse --merge adds them up");
	if (!quiet)
		run_started_report(board);
}

void
run_report_print(const struct run_board *board, bool first)
{
	const char *log = run_board_get(board, "log");
	int err;

	if (log == NULL)
		log = run_board_get(board, "snapshot");
	err = log == NULL ? 0 : run_screen_print(log, first);

	if (err < 0)
		cli_warn(err, "cannot run pmt-analyse");
}
