/* SPDX-License-Identifier: MIT */
/* show_plot.c - the memory of a profile over time, drawn by gnuplot. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyse/show.h"
#include "cli/cli.h"

/* A picture has no room for the texts of more. */
#define TEXTS_MAX 20

extern char **environ;

static bool
ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

/*
 * A string in single quotes, in which gnuplot knows no escapes but the doubled
 * quote: no log and no path can put commands into the program.
 */
static void
put_quoted(FILE *out, const char *text, size_t max)
{
	putc('\'', out);
	for (size_t i = 0; text[i] != '\0' && i < max; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\'')
			putc('\'', out);
		putc(c < ' ' || c == 0x7f ? ' ' : c, out);
	}
	putc('\'', out);
}

static void
put_data(FILE *out, const struct reading *reading,
	 const struct profile *profile)
{
	const struct pmt_curve *curve = profile->curve;

	fputs("$rss << end_of_data\n", out);
	for (unsigned i = 0; i < curve->count; i++) {
		const struct pmt_curve_point *point = &curve->points[i];
		double clock = (double)point->clock / 1e9;

		fprintf(out, "%.6f %.6f\n", clock,
			(double)point->high / 1048576);
		if (point->last != point->high)
			fprintf(out, "%.6f %.6f\n", clock,
				(double)point->last / 1048576);
	}
	fprintf(out, "%.6f %.6f\nend_of_data\n",
		(double)reading->last_clock / 1e9,
		(double)profile->last.rss / 1048576);
}

static void
put_program(FILE *out, const struct reading *reading,
	    const struct profile *profile, const char *path)
{
	fprintf(out, "set terminal %s size 1000,500\nset output ",
		ends_with(path, ".svg") ? "svg" : "png");
	put_quoted(out, path, 4096);
	fputs("\nset title ", out);
	put_quoted(out, reading->path, 200);
	fputs(" noenhanced\nset xlabel 'CPU time (s)'\n"
	      "set ylabel 'RSS (MiB)'\nset grid\nset key off\n", out);
	for (size_t i = 0; i < profile->mark_count; i++) {
		double clock = (double)profile->marks[i].clock / 1e9;

		fprintf(out, "set arrow from first %.6f,graph 0 to "
			"first %.6f,graph 1 nohead dt 3 lc rgb 'gray40'\n",
			clock, clock);
		if (profile->mark_count > TEXTS_MAX)
			continue;
		fputs("set label ", out);
		put_quoted(out, profile->marks[i].text, 60);
		fprintf(out, " at first %.6f,graph 0.02 rotate by 90 "
			"noenhanced font ',8'\n", clock);
	}
	put_data(out, reading, profile);
	fputs("plot $rss using 1:2 with steps lw 2\n", out);
}

/* Start gnuplot with its standard input from us.  Returns 0 or -errno. */
static int
start_gnuplot(FILE **out, pid_t *pid)
{
	static char name[] = "gnuplot";
	char *argv[] = { name, NULL };
	posix_spawn_file_actions_t actions;
	int pipes[2], err;

	if (pipe(pipes) != 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipes[0], STDIN_FILENO);
	posix_spawn_file_actions_addclose(&actions, pipes[0]);
	posix_spawn_file_actions_addclose(&actions, pipes[1]);
	err = posix_spawnp(pid, name, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[0]);
	*out = err == 0 ? fdopen(pipes[1], "w") : NULL;
	if (*out == NULL)
		close(pipes[1]);
	return -err;
}

bool
show_plot_profile(const struct analysis *analysis)
{
	const struct reading *reading = analysis->reading;
	const struct profile *profile = analysis->profile;
	const char *path = reading->options->plot;
	FILE *out;
	pid_t pid;
	int status, err;

	if (profile->curve->count == 0) {
		cli_warn(0, "%s: nothing to plot", reading->path);
		return false;
	}
	err = start_gnuplot(&out, &pid);
	if (err != 0) {
		cli_warn(err, "cannot start gnuplot, which --plot needs");
		return false;
	}
	/* Should it stop early, its exit status tells. */
	signal(SIGPIPE, SIG_IGN);
	put_program(out, reading, profile, path);
	fclose(out);
	signal(SIGPIPE, SIG_DFL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    access(path, R_OK) != 0) {
		cli_warn(0, "gnuplot could not draw '%s'", path);
		return false;
	}
	return true;
}
