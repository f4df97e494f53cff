/* SPDX-License-Identifier: MIT */
/* pmt-heap - which objects has a program that runs, and what holds them? */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/option.h"
#include "cli/tool.h"

struct options {
	const char *pid;
	const char *out;
	const char *path_to;
	const char *top;
	const char *wait;
};

enum { OPTION_PATH_TO = 256, OPTION_TOP, OPTION_WAIT };

static const struct argp_option option_table[] = {
	{ "pid", 'p', "PID", 0, "Of this process", 0 },
	{ "output", 'o', "FILE", 0, "Keep the snapshot there "
	  "[heap-PID.pmtheap]", 0 },
	{ "path-to", OPTION_PATH_TO, "TYPE|ADDRESS", 0, "Only what holds these "
	  "objects", 0 },
	{ "top", OPTION_TOP, "N", 0, "The first N of each table [10]; 0: all",
	  0 },
	{ "wait", OPTION_WAIT, "SECONDS", 0, "So long for a process that waits "
	  "itself [until ^C on a terminal, else 60 s]", 0 },
	{ 0 }
};

static const struct cli_option fields[] = {
	{ 'p', CLI_TEXT, .offset = offsetof(struct options, pid) },
	{ 'o', CLI_TEXT, .offset = offsetof(struct options, out) },
	{ OPTION_PATH_TO, CLI_TEXT,
	  .offset = offsetof(struct options, path_to) },
	{ OPTION_TOP, CLI_TEXT, .offset = offsetof(struct options, top) },
	{ OPTION_WAIT, CLI_TEXT, .offset = offsetof(struct options, wait) },
	{ 0 }
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		argp_error(state, "what is '%s'? A process is named by -p",
			   arg);
		return 0;
	case ARGP_KEY_END:
		if (options->pid == NULL)
			argp_error(state, "of which process? Name it with -p");
		return 0;
	}
	return cli_option_set(fields, key, arg, state, options);
}

static const struct argp argp = {
	option_table, parse_option, NULL,
	"Say which objects a Python program has that runs already, and what "
	"holds them; it goes on meanwhile.\v"
	"It is pmt-run that takes the snapshot, and pmt-analyse that tells of "
	"it.",
	NULL, NULL, NULL
};

static char *
joined(const char *name, const char *value)
{
	char *text;

	if (asprintf(&text, "%s%s", name, value) == -1)
		cli_need(NULL);
	return text;
}

/* Which file will pmt-run have written?  The caller frees its name. */
static char *
name_snapshot(const struct options *options)
{
	static const char kind[] = ".pmtheap";
	const char *out = options->out;
	struct stat status;
	size_t length;
	char *name;

	if (out == NULL)
		name = joined("heap-", options->pid);
	else if (stat(out, &status) != 0 || !S_ISDIR(status.st_mode))
		name = joined("", out);
	else if (asprintf(&name, "%s/heap-%s", out, options->pid) == -1)
		cli_need(NULL);
	length = strlen(name);
	if (length < strlen(kind) ||
	    strcmp(name + length - strlen(kind), kind) != 0) {
		char *whole = joined(name, kind);

		free(name);
		name = whole;
	}
	return name;
}

static int
take_snapshot(const struct options *options, const char *out)
{
	char *argv[] = {
		NULL, (char []){ "-q" }, joined("--pid=", options->pid),
		(char []){ "--heap-snapshot" }, joined("--output=", out),
		options->wait == NULL ? NULL : joined("--wait=", options->wait),
		NULL,
	};
	int status = cli_run_tool((char []){ "pmt-run" }, argv);

	free(argv[2]);
	free(argv[4]);
	free(argv[5]);
	return status;
}

static void
become_analyse(const struct options *options, const char *out)
{
	char *argv[6] = { NULL };
	int count = 1;

	if (options->path_to != NULL)
		argv[count++] = joined("--path-to=", options->path_to);
	if (options->top != NULL)
		argv[count++] = joined("--top=", options->top);
	argv[count++] = (char []){ "--" };
	argv[count++] = joined("", out);
	cli_become((char []){ "pmt-analyse" }, argv);
}

int
main(int argc, char **argv)
{
	struct options options = { .pid = NULL };
	char *out;
	int status;

	cli_start("pmt-heap");
	cli_parse(&argp, argc, argv, 0, &options);
	out = name_snapshot(&options);
	status = take_snapshot(&options, out);
	if (status != CLI_OK) {
		free(out);
		return cli_finish(status);
	}
	become_analyse(&options, out);
}
