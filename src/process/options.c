/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/options.h"

#include <stddef.h>

#include "cli/cli.h"
#include "cli/option.h"

enum {
	KEY_CLASSIC = 256,
	KEY_PSS,
	KEY_JSON,
	KEY_CSV,
	KEY_OPENMETRICS,
	KEY_MODE,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Recording:", 1 },
	{ "pid", 'p', "PID", 0, "record this process", 1 },
	{ "interval", 'i', "SECONDS", 0,
	  "time between samples, 0.001 or more [1]", 1 },
	{ "duration", 'd', "SECONDS", 0, "stop after this time", 1 },
	{ "count", WATCHED_KEY_COUNT, "COUNT", 0,
	  "stop after so many samples", 1 },
	{ "pss", KEY_PSS, NULL, 0, "USS and PSS as well; slower", 1 },
	{ "output", 'o', "FILE", 0, "append to FILE", 1 },
	{ "mode", KEY_MODE, "MODE", 0,
	  "permissions of FILE, in octal [0666 without the umask]", 1 },
	{ "classic", KEY_CLASSIC, NULL, 0,
	  "lines of a Python log, with the JSON at their end", 1 },
	{ "log-level", 'l', "LEVEL", 0,
	  "level in such lines, a name or a number [INFO]", 1 },
	{ NULL, 0, NULL, 0, "Recording and reading:", 2 },
	{ "json", KEY_JSON, NULL, 0, "one JSON object a line", 2 },
	{ "csv", KEY_CSV, NULL, 0, "CSV with rates", 2 },
	{ "openmetrics", KEY_OPENMETRICS, NULL, 0,
	  "the last sample as an OpenMetrics exposition, one sample unless "
	  "FILE is given: that is replaced each time", 2 },
	{ 0 },
};

struct parse {
	struct process_arguments *arguments;
	const char *words[3];	/* what is no option, without a "--" */
	unsigned count;
};

#define FIELD(field) .offset = offsetof(struct process_arguments, field)

static const struct cli_option fields[] = {
	{ 'l', CLI_LEVEL, FIELD(level) },
	{ 'o', CLI_TEXT, FIELD(output) },
	{ KEY_MODE, CLI_MODE, FIELD(mode) },
	{ KEY_PSS, CLI_TRUE, FIELD(pss) },
	{ KEY_CLASSIC, CLI_ONE_OF, FIELD(format), PROCESS_CLASSIC },
	{ KEY_JSON, CLI_ONE_OF, FIELD(format), PROCESS_JSON },
	{ KEY_CSV, CLI_ONE_OF, FIELD(format), PROCESS_CSV },
	{ KEY_OPENMETRICS, CLI_ONE_OF, FIELD(format), PROCESS_OPENMETRICS },
	{ 0 },
};

/*
 * A log and a directory, or a command: behind "--" it is one, and so are
 * words where -p and such were to be expected.
 */
static void
take_words(struct argp_state *state, struct parse *parse)
{
	struct process_arguments *arguments = parse->arguments;

	if (parse->count > 2)
		argp_error(state, "too many files; a command goes behind --");
	if (parse->count > 0)
		arguments->log = parse->words[0];
	if (parse->count > 1)
		arguments->directory = parse->words[1];
}

static void
check(struct argp_state *state, const struct process_arguments *arguments)
{
	int sources = (arguments->watched.pid != 0) +
		      (arguments->watched.command != NULL) +
		      (arguments->log != NULL);

	if (sources != 1)
		argp_error(state, "give one of -p PID, -- COMMAND, or a LOG");
	if (arguments->log != NULL && arguments->format == PROCESS_CLASSIC)
		argp_error(state, "--classic is for recording");
	if (arguments->directory != NULL &&
	    arguments->format != PROCESS_DEFAULT)
		argp_error(state, "a directory is for plots alone");
	if (arguments->log != NULL && arguments->output != NULL &&
	    arguments->format != PROCESS_OPENMETRICS)
		argp_error(state, "--output is for recording");
	if (arguments->mode != 0 && arguments->output == NULL)
		argp_error(state, "--mode is of the file of --output");
}

static void
take_word(struct argp_state *state, struct parse *parse, char *arg)
{
	bool behind = state->quoted != 0 && state->next > state->quoted;

	if (behind && parse->count == 0) {
		parse->arguments->watched.command =
			&state->argv[state->next - 1];
		state->next = state->argc;
		return;
	}
	if (parse->count < PMT_ARRAY_SIZE(parse->words))
		parse->words[parse->count] = arg;
	parse->count++;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	error_t err;

	switch (key) {
	case ARGP_KEY_ARG:
		take_word(state, parse, arg);
		return 0;
	case ARGP_KEY_SUCCESS:
		take_words(state, parse);
		check(state, parse->arguments);
		return 0;
	}
	err = cli_option_set(fields, key, arg, state, parse->arguments);
	if (err == ARGP_ERR_UNKNOWN)
		err = cli_option_set(watched_option_table, key, arg, state,
				     &parse->arguments->watched);
	return err;
}

void
process_parse_options(int argc, char **argv,
		      struct process_arguments *arguments)
{
	static const struct argp argp = {
		.options = options, .parser = parse_option,
		.args_doc = "-p PID\n-- COMMAND [ARGUMENT...]\n"
			    "LOG [DIRECTORY]",
		.doc = "Record the memory, CPU time and page faults of one "
		       "process at intervals; show what a log holds; plot it "
		       "into DIRECTORY.",
	};
	struct parse parse = { .arguments = arguments };

	*arguments = (struct process_arguments){
		.watched.interval = WATCHED_INTERVAL, .level = 20,
	};
	cli_parse(&argp, argc, argv, 0, &parse);
	/* To standard output goes one exposition, for it has an end. */
	if (arguments->format == PROCESS_OPENMETRICS &&
	    arguments->output == NULL && arguments->watched.count == 0)
		arguments->watched.count = 1;
}
