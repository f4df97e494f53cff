/* SPDX-License-Identifier: MIT */
/* pmt-top: which objects of programs that are traced grow, now? */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/now.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "cli/openmetrics.h"
#include "proc/ticker.h"
#include "top/metrics.h"
#include "top/options.h"
#include "top/program.h"
#include "top/screen.h"
#include "top/serve.h"

/* Between searches for programs that are new; a search reads all of /proc. */
#define SEARCH_INTERVAL (5 * UINT64_C(1000000000))

/* Rows, where no screen limits them. */
enum { ROWS = 100 };

struct run {
	struct top_arguments arguments;
	struct pmt_procfs *fs;
	struct top_program *programs;
	size_t count;
	uint64_t searched;	/* monotonic; 0: not yet */
	bool denied;		/* of some process we do not know */
	bool display;		/* redraw in place */
	char *shown;		/* there, or NULL */
	bool metrics;		/* instead of a table */
	struct top_server *server;	/* of them, or NULL */
};

static bool
is_known(const struct run *run, pid_t pid)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->programs[i].pid == pid)
			return true;
	return false;
}

static int
add_program(struct run *run, pid_t pid)
{
	struct top_program program;
	int err = top_program_open(&program, run->fs, pid);

	if (err < 0)
		return err;
	run->programs = cli_need(reallocarray(run->programs, run->count + 1,
					      sizeof(program)));
	run->programs[run->count++] = program;
	return 0;
}

/* Is it a child of PARENT?  0: anybody's. */
static bool
is_child(struct run *run, pid_t pid, pid_t parent)
{
	struct pmt_proc proc;

	return parent == 0 || (pmt_proc_read_stat(run->fs, pid, &proc) == 0 &&
			       proc.ppid == parent);
}

/* New programs, all or those that PARENT started. */
static void
search(struct run *run, pid_t parent)
{
	int fd = openat(run->fs->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *all = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (all == NULL)
		cli_die(CLI_FAILED, errno, "cannot list the processes");
	run->searched = pmt_now(CLOCK_MONOTONIC);
	while ((entry = readdir(all)) != NULL) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0])
				? (pid_t)strtol(entry->d_name, NULL, 10) : 0;

		if (pid > 0 && !is_known(run, pid) &&
		    is_child(run, pid, parent) &&
		    add_program(run, pid) == -EACCES)
			run->denied = true;
	}
	closedir(all);
}

static void
find_programs(struct run *run)
{
	pid_t pid = run->arguments.watched.pid;
	int err;

	if (pid == 0) {
		search(run, 0);
		if (run->count == 0)
			cli_die(CLI_FAILED, 0, "no program that is traced by "
				"'pmt-run -r --summary'%s was found",
				run->denied ? ", or of those that you may "
					      "look at," : "");
		return;
	}
	err = add_program(run, pid);
	/* It may be pmt-run itself. */
	if (err == -ENOENT)
		search(run, pid);
	if (run->count > 0)
		return;
	if (err == -ENOENT)
		cli_die(CLI_FAILED, 0, "process %d keeps no books to look at: "
			"start it by 'pmt-run -r --summary'", (int)pid);
	if (err < 0)
		cli_die(CLI_FAILED, err, "process %d", (int)pid);
}

/* Those that have ended go. */
static void
look(struct run *run)
{
	size_t kept = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (top_program_look(&run->programs[i], run->fs) < 0)
			top_program_close(&run->programs[i]);
		else
			run->programs[kept++] = run->programs[i];
	}
	run->count = kept;
	if (run->arguments.watched.pid == 0 &&
	    pmt_now(CLOCK_MONOTONIC) - run->searched >= SEARCH_INTERVAL)
		search(run, 0);
}

static char *
text_of(void (*print)(FILE *out, const void *what), const void *what)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		cli_die(CLI_FAILED, errno, "cannot print");
	print(out, what);
	if (fclose(out) != 0)
		cli_die(CLI_FAILED, errno, "cannot print");
	return text;
}

static void
tell_metrics(struct run *run, const struct top_screen *screen)
{
	const struct top_metrics metrics = {
		screen, run->programs, run->count,
	};
	const char *file = run->arguments.openmetrics;
	int err;

	if (run->server != NULL) {
		top_server_set(run->server,
			       text_of(top_metrics_print, &metrics));
		return;
	}
	err = openmetrics_replace(file, run->arguments.mode,
				  top_metrics_print, &metrics);
	if (err < 0)
		cli_die(CLI_FAILED, err, "cannot write '%s'", file);
}

static void
print_all(FILE *out, const void *what)
{
	const struct run *run = what;
	struct top_screen screen = run->arguments.screen;

	if (screen.rows == 0 && run->display) {
		int lines = cli_display_lines() - (int)run->count - 2;

		screen.rows = lines > 1 ? (size_t)lines : 1;
	}
	if (screen.rows == 0)
		screen.rows = ROWS;
	screen.width = isatty(STDOUT_FILENO) ? cli_width(stdout) : 0;
	top_screen_print(out, &screen, run->programs, run->count);
}

static void
show(struct run *run)
{
	struct top_screen screen = run->arguments.screen;
	char *text;

	if (run->metrics) {
		screen.rows = screen.rows == 0 ? ROWS : screen.rows;
		tell_metrics(run, &screen);
		return;
	}
	text = text_of(print_all, run);
	free(run->shown);
	run->shown = text;
	if (run->display)
		cli_display_show(text);
	else
		fputs(text, stdout);
	if (fflush(stdout) != 0)
		exit(CLI_FAILED);
}

/* False: quit. */
static bool
obey_keys(struct run *run)
{
	char keys[64];
	size_t n = cli_display_read(keys, sizeof(keys));

	for (size_t i = 0; i < n; i++) {
		if (keys[i] == 'q' || keys[i] == 'Q')
			return false;
		(void)top_order_of_key(keys[i], &run->arguments.screen.order);
	}
	show(run);
	return true;
}

static void
look_until_done(struct run *run, const struct pmt_ticker *ticker)
{
	const struct watched_options *options = &run->arguments.watched;
	uint64_t end = pmt_now(CLOCK_MONOTONIC) + options->duration;

	show(run);
	for (uint64_t looks = 1; !watched_enough(options, looks, end) &&
				 run->count > 0;) {
		struct pollfd keys = {
			.fd = run->display ? cli_display_keys() : -1,
			.events = POLLIN,
		};
		int64_t ticks = pmt_ticker_wait(ticker, &keys, 1);

		if (ticks < 0)
			cli_die(CLI_FAILED, (int)ticks, "cannot wait");
		if (cli_stopped() || (keys.revents != 0 && !obey_keys(run)))
			return;
		if (ticks == 0)
			continue;
		look(run);
		looks++;
		if (run->count > 0) {
			if (!run->display && !run->metrics)
				putchar('\n');
			show(run);
		}
	}
}

static void
begin_output(struct run *run)
{
	if (run->arguments.port != 0)
		run->server = top_serve(run->arguments.port);
	run->metrics = run->server != NULL ||
		       run->arguments.openmetrics != NULL;
	run->display = !run->metrics && isatty(STDOUT_FILENO) &&
		       run->arguments.watched.count == 0;
	run->arguments.screen.colour = cli_colour(stdout);
	if (run->display)
		cli_display_begin();
}

/* What stood on the screen is gone with it, and was the last to be seen. */
static void
end_display(const struct run *run)
{
	cli_display_end();
	if (run->count > 0 || run->shown == NULL)
		return;
	fputs(run->shown, stdout);
	cli_warn(0, "%s", run->arguments.watched.pid != 0
				  ? "the program has ended"
				  : "the last program has ended");
}

int
main(int argc, char **argv)
{
	struct run run = { 0 };
	struct pmt_ticker ticker;

	cli_start("pmt-top");
	top_parse_options(argc, argv, &run.arguments);
	cli_catch_signals();
	run.fs = watched_procfs_open();
	watched_ticker_open(&run.arguments.watched, &ticker);
	find_programs(&run);
	begin_output(&run);
	look_until_done(&run, &ticker);

	if (run.display)
		end_display(&run);
	top_server_end(run.server);
	for (size_t i = 0; i < run.count; i++)
		top_program_close(&run.programs[i]);
	free(run.programs);
	free(run.shown);
	pmt_procfs_close(run.fs);
	pmt_ticker_close(&ticker);
	return cli_finish(CLI_OK);
}
