/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "cli/watched.h"

enum {
	KEY_CLASSIC = 256,
	KEY_PSS,
	KEY_JSON,
	KEY_CSV,
	KEY_OPENMETRICS,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Recording:", 1 },
	{ "pid", 'p', "PID", 0, "record this process", 1 },
	{ "interval", 'i', "SECONDS", 0,
	  "time between samples, 0.001 or more [1]", 1 },
	{ "duration", 'd', "SECONDS", 0, "stop after this time", 1 },
	{ "count", 'n', "COUNT", 0, "stop after so many samples", 1 },
	{ "pss", KEY_PSS, NULL, 0, "USS and PSS as well; slower", 1 },
	{ "output", 'o', "FILE", 0, "append to FILE", 1 },
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

static int
level_of(struct argp_state *state, const char *arg)
{
	static const char *const names[] = {
		"NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL",
	};

	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		if (strcasecmp(arg, names[i]) == 0)
			return (int)i * 10;
	}
	if (arg[0] < '0' || arg[0] > '9')
		argp_error(state, "--log-level: '%s' is neither a number nor "
			   "a level such as INFO", arg);
	return (int)cli_count(state, "--log-level", arg, 0, 1000);
}

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
	int sources = (arguments->pid != 0) + (arguments->command != NULL) +
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
}

static enum process_output
format_of(int key)
{
	switch (key) {
	case KEY_CLASSIC: return PROCESS_CLASSIC;
	case KEY_JSON: return PROCESS_JSON;
	case KEY_CSV: return PROCESS_CSV;
	case KEY_OPENMETRICS: return PROCESS_OPENMETRICS;
	}
	return PROCESS_DEFAULT;
}

static void
set_format(struct argp_state *state, struct process_arguments *arguments,
	   int key)
{
	if (arguments->format != PROCESS_DEFAULT &&
	    arguments->format != format_of(key))
		argp_error(state, "choose one of --classic, --json, --csv and "
			   "--openmetrics");
	arguments->format = format_of(key);
}

static void
take_word(struct argp_state *state, struct parse *parse, char *arg)
{
	bool behind = state->quoted != 0 && state->next > state->quoted;

	if (behind && parse->count == 0) {
		parse->arguments->command = &state->argv[state->next - 1];
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
	struct process_arguments *arguments = parse->arguments;

	switch (key) {
	case 'p':
		arguments->pid = watched_pid(state, arg);
		break;
	case 'i':
		arguments->interval = watched_interval(state, arg);
		break;
	case 'd':
		arguments->duration = cli_duration(state, "--duration", arg);
		break;
	case 'n':
		arguments->count = cli_count(state, "--count", arg, 1,
					     UINT64_MAX);
		break;
	case 'l':
		arguments->level = level_of(state, arg);
		break;
	case 'o':
		arguments->output = arg;
		break;
	case KEY_PSS:
		arguments->pss = true;
		break;
	case ARGP_KEY_ARG:
		take_word(state, parse, arg);
		break;
	case ARGP_KEY_SUCCESS:
		take_words(state, parse);
		check(state, arguments);
		break;
	default:
		if (format_of(key) == PROCESS_DEFAULT)
			return ARGP_ERR_UNKNOWN;
		set_format(state, arguments, key);
	}
	return 0;
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
		.interval = WATCHED_INTERVAL, .level = 20,
	};
	argp_parse(&argp, argc, argv, 0, NULL, &parse);
	/* To standard output goes one exposition, for it has an end. */
	if (arguments->format == PROCESS_OPENMETRICS &&
	    arguments->output == NULL && arguments->count == 0)
		arguments->count = 1;
}
