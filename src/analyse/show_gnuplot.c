/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/show_gnuplot.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"

extern char **environ;

static bool
ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

void
gnuplot_put_quoted(FILE *out, const char *text, size_t max)
{
	size_t length = strnlen(text, max);

	putc('\'', out);
	for (size_t i = 0, n; i < length; i += n) {
		bool safe;

		n = pmt_character(text + i, length - i, &safe);
		if (text[i] == '\'')
			putc('\'', out);
		/* A byte that is no character cannot be in an SVG. */
		if (safe && (n > 1 || (text[i] & 0x80) == 0))
			fwrite(text + i, 1, n, out);
		else
			putc('?', out);
	}
	putc('\'', out);
}

/* As it is, since it is the name of a file. */
static void
put_path(FILE *out, const char *path)
{
	putc('\'', out);
	for (; *path != '\0'; path++) {
		if (*path == '\'')
			putc('\'', out);
		putc(*path, out);
	}
	putc('\'', out);
}

void
gnuplot_put_heading(FILE *out, const struct reading *reading)
{
	const char *path = reading->options->plot;

	fprintf(out, "set terminal %s size 1000,500\nset output ",
		ends_with(path, ".svg") ? "svg" : "png");
	put_path(out, path);
	fputs("\nset title ", out);
	gnuplot_put_quoted(out, reading->path, 200);
	fputs(" noenhanced\nset xlabel 'CPU time (s)'\n"
	      "set ylabel 'RSS (MiB)'\nset grid\n", out);
}

void
gnuplot_put_curve(FILE *out, const char *name, const struct pmt_curve *curve,
		  const struct reading *reading, double per)
{
	const struct pmt_curve_point *point = curve->points;

	fprintf(out, "$%s << end_of_data\n", name);
	for (unsigned i = 0; i < curve->count; i++) {
		double clock;

		point = &curve->points[i];
		clock = (double)point->clock / 1e9;
		fprintf(out, "%.6f %.6f\n", clock, (double)point->high / per);
		if (point->last != point->high)
			fprintf(out, "%.6f %.6f\n", clock,
				(double)point->last / per);
	}
	if (curve->count > 0)
		fprintf(out, "%.6f %.6f\n", (double)reading->last_clock / 1e9,
			(double)point->last / per);
	fputs("end_of_data\n", out);
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
gnuplot_draw(const struct analysis *analysis,
	     void (*put)(FILE *out, const struct analysis *analysis))
{
	const char *path = analysis->reading->options->plot;
	FILE *out;
	pid_t pid;
	int status, err = start_gnuplot(&out, &pid);

	if (err != 0) {
		cli_warn(err, "cannot start gnuplot, which --plot needs");
		return false;
	}
	/* Should it stop early, its exit status tells. */
	signal(SIGPIPE, SIG_IGN);
	put(out, analysis);
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
