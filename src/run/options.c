/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "cli/cli.h"

enum {
	OPT_BUILTINS = 256, OPT_COLUMNS, OPT_EXCLUDE_FILE, OPT_EXCLUDE_TYPE,
	OPT_GC_COLLECT, OPT_INCLUDE_FILE, OPT_INCLUDE_FUNCTION,
	OPT_INCLUDE_TYPE, OPT_MAX_SIZE, OPT_MESSAGE, OPT_OPCODES, OPT_PYTHON,
	OPT_PYTHON_OPTION, OPT_RING, OPT_RSS, OPT_SUMMARY, OPT_TEXT,
	OPT_THREADS, OPT_TOP, OPT_TRIGGER, OPT_TYPE_NAMES,
};

/* Headings of --help. */
enum { FOR_CHANGES = 4, FOR_REFERENCES, GROUPS };

struct parsing {
	struct run_options *options;
	struct run_board *board;
	size_t argc;		/* of options->argv */
	bool has_program;
	int tracer;		/* the key of its option, or 0 */
	bool summary, rows;	/* which options were there */
	const char *limit;	/* --max-size or --ring, if it was there */
	const char *last_of[GROUPS];	/* options below each heading */
};

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What to watch:", 1 },
	{ "profile", 'p', NULL, 0,
	  "calls and returns that change memory", 0 },
	{ "trace", 't', NULL, 0, "lines that change memory", 0 },
	{ "references", 'r', NULL, 0,
	  "every object made and destroyed (Python 3.13 or newer)", 0 },
	{ "top", OPT_TOP, "SECONDS", OPTION_ARG_OPTIONAL,
	  "print which files hold most memory, by tracemalloc, at the end and "
	  "every SECONDS", 0 },
	{ NULL, 0, NULL, 0, "What to run, instead of a script:", 2 },
	{ "module", 'm', "MODULE", 0,
	  "a module, as python -m; the rest of the line is its own", 0 },
	{ "command", 'c', "CODE", 0,
	  "code, as python -c; the rest of the line is its own", 0 },
	{ NULL, 0, NULL, 0, "The log:", 3 },
	{ "output", 'o', "FILE|DIR", 0,
	  "write the log there [a new file here]", 0 },
	{ "text", OPT_TEXT, NULL, 0,
	  "write text, not the compact form, as a FILE in .log or .txt does",
	  0 },
	{ "max-size", OPT_MAX_SIZE, "SIZE", 0,
	  "leave rows out once the log has this size, and count them", 0 },
	{ "ring", OPT_RING, "SIZE", 0,
	  "keep the log's last rows, about so many bytes", 0 },
	{ "message", OPT_MESSAGE, "TEXT", 0, "the log's first lines", 0 },
	{ NULL, 0, NULL, 0, "The log of -p and -t:", FOR_CHANGES },
	{ "trigger", OPT_TRIGGER, "SIZE", 0,
	  "log changes of so much: -1 a page [default], 0 every event", 0 },
	{ "include-file", OPT_INCLUDE_FILE, "GLOB", 0,
	  "log these source files only; may be repeated", 0 },
	{ "exclude-file", OPT_EXCLUDE_FILE, "GLOB", 0,
	  "leave these out, even if included; repeatable", 0 },
	{ "include-function", OPT_INCLUDE_FUNCTION, "GLOB", 0,
	  "log these functions only; may be repeated", 0 },
	{ "threads", OPT_THREADS, "WHICH", 0,
	  "current: the main thread [default]; all", 0 },
	{ "opcodes", OPT_OPCODES, NULL, 0,
	  "with -t: log each instruction too", 0 },
	{ "rss", OPT_RSS, "HOW", 0,
	  "read memory: auto [default], gap, ring or every", 0 },
	{ NULL, 0, NULL, 0, "The log of -r:", FOR_REFERENCES },
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
	{ "summary", OPT_SUMMARY, "SECONDS", OPTION_ARG_OPTIONAL,
	  "write no log but a report: at the end, on SIGUSR1, every SECONDS",
	  0 },
	{ "gc-collect", OPT_GC_COLLECT, "N", 0,
	  "generation to collect at the end: 0, 1, 2; -1 for none [2]", 0 },
	{ NULL, 0, NULL, 0, "The interpreter:", GROUPS },
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

/* A size as everywhere, or what pmt.Profile takes for one page. */
static void
set_trigger(struct run_board *board, const char *arg, struct argp_state *state)
{
	char number[24];
	uint64_t bytes;

	if (strcmp(arg, "-1") == 0) {
		run_options_set(board, "trigger", arg);
		return;
	}
	if (pmt_parse_size(arg, &bytes) < 0 || bytes > INT64_MAX)
		argp_error(state, "--trigger: '%s' is not a size", arg);
	snprintf(number, sizeof(number), "%" PRIu64, bytes);
	run_options_set(board, "trigger", number);
}

/* The options of the log of -p and -t. */
static bool
set_profile_option(struct run_board *board, int key, const char *arg,
		   struct argp_state *state)
{
	static const char *const threads[] = { "current", "all", NULL };
	static const char *const ways[] = {
		"auto", "gap", "ring", "every", NULL,
	};

	switch (key) {
	case OPT_TRIGGER:
		set_trigger(board, arg, state);
		return true;
	case OPT_INCLUDE_FILE:
		run_options_set(board, "include-file", arg);
		return true;
	case OPT_EXCLUDE_FILE:
		run_options_set(board, "exclude-file", arg);
		return true;
	case OPT_INCLUDE_FUNCTION:
		run_options_set(board, "include-function", arg);
		return true;
	case OPT_THREADS:
		run_options_set(board, "threads",
				one_of(threads, "--threads", arg, state));
		return true;
	case OPT_OPCODES:
		run_options_set(board, "opcodes", "");
		return true;
	case OPT_RSS:
		run_options_set(board, "rss",
				one_of(ways, "--rss", arg, state));
		return true;
	default:
		return false;
	}
}

static void
set_limit(struct parsing *parsing, const char *name, const char *arg,
	  struct argp_state *state)
{
	char option[16], number[24];
	uint64_t size;

	snprintf(option, sizeof(option), "--%s", name);
	size = cli_size(state, option, arg);
	if (size == 0 || size > INT64_MAX)
		argp_error(state, "%s: '%s' is no size for a log", option, arg);
	if (parsing->limit != NULL && strcmp(parsing->limit, name) != 0)
		argp_error(state, "--max-size and --ring exclude each other");
	parsing->limit = name;
	snprintf(number, sizeof(number), "%" PRIu64, size);
	run_options_set(parsing->board, name, number);
}

static bool
set_log_option(struct parsing *parsing, int key, const char *arg,
	       struct argp_state *state)
{
	struct run_board *board = parsing->board;
	static const char *const forms[] = { "qualified", "tp_name", NULL };
	static const char *const generations[] = { "-1", "0", "1", "2", NULL };

	switch (key) {
	case 'o':
		run_options_set(board, "output", arg);
		return true;
	case OPT_MAX_SIZE:
		set_limit(parsing, "max-size", arg, state);
		return true;
	case OPT_RING:
		set_limit(parsing, "ring", arg, state);
		return true;
	case OPT_TEXT:
		run_options_set(board, "text", "");
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

/* Remember an option by its heading, which those below it have no number of. */
static void
note_option(struct parsing *parsing, int key)
{
	int group = 0;

	for (const struct argp_option *option = option_table;
	     option->name != NULL || option->doc != NULL; option++) {
		if (option->group != 0)
			group = option->group;
		if (option->name != NULL && option->key == key &&
		    group > 0 && group < GROUPS)
			parsing->last_of[group] = option->name;
	}
}

static void
check(const struct parsing *parsing, struct argp_state *state)
{
	const char *references = parsing->last_of[FOR_REFERENCES];
	const char *changes = parsing->last_of[FOR_CHANGES];

	if (!parsing->has_program)
		argp_error(state, "nothing to run: name a script, a module "
			   "with -m or code with -c");
	if (parsing->tracer == 0)
		argp_error(state, "nothing to watch: say -p, -t, -r or --top");
	if (references != NULL && parsing->tracer != 'r')
		argp_error(state, "--%s is of -r", references);
	if (changes != NULL && parsing->tracer != 'p' && parsing->tracer != 't')
		argp_error(state, "--%s is of -p and -t", changes);
	if (parsing->summary && parsing->rows)
		argp_error(state, "--summary: there is no log that could be "
			   "text, or too long");
}

static void
choose_tracer(struct parsing *parsing, int key, const char *tracer,
	      struct argp_state *state)
{
	if (parsing->tracer != 0)
		argp_error(state, "say one of -p, -t, -r and --top: each would "
			   "see the others at work");
	run_options_set(parsing->board, "tracer", tracer);
	parsing->tracer = key;
}

/* ARG may be NULL. */
static void
set_seconds(struct run_board *board, const char *key, const char *option,
	    const char *arg, struct argp_state *state)
{
	char number[32] = "";
	uint64_t ns;

	if (arg != NULL) {
		ns = cli_duration(state, option, arg);
		if (ns == 0)
			argp_error(state, "%s: not every 0 seconds", option);
		snprintf(number, sizeof(number), "%.9f", (double)ns / 1e9);
	}
	run_options_set(board, key, number);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = state->input;
	struct run_options *options = parsing->options;

	note_option(parsing, key);
	switch (key) {
	case 'p':
		choose_tracer(parsing, key, "profile", state);
		break;
	case 't':
		choose_tracer(parsing, key, "trace", state);
		break;
	case 'r':
		choose_tracer(parsing, key, "reference", state);
		break;
	case OPT_TOP:
		choose_tracer(parsing, key, "top", state);
		set_seconds(parsing->board, "seconds", "--top", arg, state);
		break;
	case OPT_SUMMARY:
		set_seconds(parsing->board, "summary", "--summary", arg,
			    state);
		parsing->summary = true;
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
	case OPT_MAX_SIZE:
	case OPT_RING:
	case OPT_TEXT:
		parsing->rows = true;
		/* fall through */
	default:
		if (!set_log_option(parsing, key, arg, state) &&
		    !set_profile_option(parsing->board, key, arg, state))
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
