/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

enum {
	OPT_BUILTINS = 256, OPT_COLUMNS, OPT_EXCLUDE_TYPE, OPT_GC_COLLECT,
	OPT_INCLUDE_TYPE, OPT_MESSAGE, OPT_PYTHON, OPT_PYTHON_OPTION,
	OPT_TYPE_NAMES,
};

struct parsing {
	struct run_options *options;
	struct run_board *board;
	size_t argc;		/* of options->argv */
	bool has_program, has_tracer;
};

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What to watch:", 1 },
	{ "references", 'r', NULL, 0,
	  "every object made and destroyed (Python 3.13 or newer)", 0 },
	{ NULL, 0, NULL, 0, "What to run, instead of a script:", 2 },
	{ "module", 'm', "MODULE", 0,
	  "a module, as python -m; the rest of the line is its own", 0 },
	{ "command", 'c', "CODE", 0,
	  "code, as python -c; the rest of the line is its own", 0 },
	{ NULL, 0, NULL, 0, "The log:", 3 },
	{ "output", 'o', "FILE|DIR", 0,
	  "write the log there [a new file here]", 0 },
	{ "message", OPT_MESSAGE, "TEXT", 0, "the log's first lines", 0 },
	{ "include-type", OPT_INCLUDE_TYPE, "GLOB", 0,
	  "log these types only; may be repeated", 0 },
	{ "exclude-type", OPT_EXCLUDE_TYPE, "GLOB", 0,
	  "leave these types out, even if included; may be repeated", 0 },
	{ "builtins", OPT_BUILTINS, NULL, 0,
	  "log int, str, list, dict ... too", 0 },
	{ "type-names", OPT_TYPE_NAMES, "FORM", 0,
	  "qualified: module and name [default]; tp_name: as C sees it", 0 },
	{ "columns", OPT_COLUMNS, "LIST", 0,
	  "add columns: Thread, Wall, Size", 0 },
	{ "gc-collect", OPT_GC_COLLECT, "N", 0,
	  "generation to collect at the end: 0, 1, 2; -1 for none [2]", 0 },
	{ NULL, 0, NULL, 0, "The interpreter:", 4 },
	{ "python", OPT_PYTHON, "FILE", 0,
	  "run it with this one [$PYTHON, the active virtual environment's, "
	  "the one the script names, python3]", 0 },
	{ "python-option", OPT_PYTHON_OPTION, "OPTION", 0,
	  "an option for it, such as -Xdev; may be repeated", 0 },
	{ NULL, 0, NULL, 0, "Other:", -1 },
	{ "quiet", 'q', NULL, 0, "no summary at the end", 0 },
	{ 0 },
};

void
run_options_set(struct run_board *board, const char *key, const char *value)
{
	int err = run_board_set(board, key, value);

	if (err != 0)
		cli_die(RUN_FAILED, err, "cannot store the settings");
}

static void
add_argument(struct parsing *parsing, const char *argument)
{
	parsing->options->argv[parsing->argc++] = argument;
}

/* The rest of the line belongs to the program. */
static void
take_program(struct parsing *parsing, struct argp_state *state)
{
	while (state->next < state->argc)
		add_argument(parsing, state->argv[state->next++]);
	parsing->has_program = true;
}

static void
add_columns(struct run_board *board, const char *list, struct argp_state *state)
{
	static const char *const known[] = { "Thread", "Wall", "Size" };
	char *copy = strdup(list), *rest = copy, *name;
	size_t i;

	while ((name = strsep(&rest, ",")) != NULL) {
		for (i = 0; i < PMT_ARRAY_SIZE(known); i++)
			if (strcasecmp(name, known[i]) == 0)
				break;
		if (i == PMT_ARRAY_SIZE(known))
			argp_error(state, "--columns: there is no column '%s'; "
				   "there are Thread, Wall, Size", name);
		run_options_set(board, "column", known[i]);
	}
	free(copy);
}

static const char *
one_of(const char *const *known, const char *option, const char *arg,
       struct argp_state *state)
{
	for (; *known != NULL; known++)
		if (strcmp(arg, *known) == 0)
			return *known;
	argp_error(state, "%s: '%s' is not among those of --help", option, arg);
	return NULL;
}

/*
 * Without site there is no start-up module, and under -E and -I no PYTHONPATH
 * that leads to it.
 */
static void
add_python_option(struct parsing *parsing, const char *arg,
		  struct argp_state *state)
{
	if (arg[0] != '-' || arg[1] == '\0')
		argp_error(state, "--python-option: '%s' is not an option",
			   arg);
	for (const char *c = arg + 1; arg[1] != '-' && *c != '\0'; c++) {
		if (strchr("cm", *c) != NULL)
			argp_error(state, "--python-option: give -%c to "
				   "pmt-run itself", *c);
		if (strchr("EIS", *c) != NULL)
			argp_error(state, "--python-option: tracing cannot "
				   "start under -%c", *c);
		if (strchr("WX", *c) != NULL)
			break;
	}
	add_argument(parsing, arg);
}

/* The options of the log, which only the tracer understands. */
static bool
set_log_option(struct run_board *board, int key, const char *arg,
	       struct argp_state *state)
{
	static const char *const forms[] = { "qualified", "tp_name", NULL };
	static const char *const generations[] = { "-1", "0", "1", "2", NULL };

	switch (key) {
	case 'o':
		run_options_set(board, "output", arg);
		return true;
	case OPT_MESSAGE:
		run_options_set(board, "message", arg);
		return true;
	case OPT_INCLUDE_TYPE:
		run_options_set(board, "include-type", arg);
		return true;
	case OPT_EXCLUDE_TYPE:
		run_options_set(board, "exclude-type", arg);
		return true;
	case OPT_BUILTINS:
		run_options_set(board, "builtins", "");
		return true;
	case OPT_TYPE_NAMES:
		run_options_set(board, "type-names",
				one_of(forms, "--type-names", arg, state));
		return true;
	case OPT_COLUMNS:
		add_columns(board, arg, state);
		return true;
	case OPT_GC_COLLECT:
		run_options_set(board, "gc-collect",
				one_of(generations, "--gc-collect", arg,
				       state));
		return true;
	default:
		return false;
	}
}

static void
check(const struct parsing *parsing, struct argp_state *state)
{
	if (!parsing->has_program)
		argp_error(state, "nothing to run: name a script, a module "
			   "with -m or code with -c");
	if (!parsing->has_tracer)
		argp_error(state, "nothing to watch: say -r");
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = state->input;
	struct run_options *options = parsing->options;

	switch (key) {
	case 'r':
		run_options_set(parsing->board, "tracer", "reference");
		parsing->has_tracer = true;
		break;
	case 'm':
	case 'c':
		add_argument(parsing, key == 'm' ? "-m" : "-c");
		add_argument(parsing, arg);
		take_program(parsing, state);
		break;
	case 'q':
		options->quiet = true;
		break;
	case OPT_PYTHON:
		options->python = arg;
		break;
	case OPT_PYTHON_OPTION:
		add_python_option(parsing, arg, state);
		break;
	case ARGP_KEY_ARG:
		options->script = arg;
		add_argument(parsing, arg);
		take_program(parsing, state);
		break;
	case ARGP_KEY_END:
		check(parsing, state);
		break;
	default:
		if (!set_log_option(parsing->board, key, arg, state))
			return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "SCRIPT [ARG...]\n-m MODULE [ARG...]\n-c CODE [ARG...]",
	.doc = "Run a Python program unchanged, with a tracer watching it.\v"
	       "SCRIPT is a file, a directory or archive with a __main__.py, "
	       "or - for standard input.  The exit status is the program's; "
	       "125 pmt-run failed, 126 the interpreter does not run, 127 it "
	       "is missing.",
};

void
run_options_parse(int argc, char **argv, struct run_board *board,
		  struct run_options *options)
{
	struct parsing parsing = {
		.options = options, .board = board, .argc = 1,
	};

	/* At most one word becomes two: -cCODE. */
	*options = (struct run_options){
		.argv = calloc((size_t)argc + 3, sizeof(*options->argv)),
	};
	if (options->argv == NULL)
		cli_die(RUN_FAILED, errno, "cannot read the command line");
	run_options_set(board, "type-names", "qualified");
	run_options_set(board, "gc-collect", "2");
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &parsing);
}
