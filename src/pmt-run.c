/* SPDX-License-Identifier: MIT */
/* pmt-run - run a Python program unchanged, with a tracer watching it. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "run_board.h"
#include "run_child.h"
#include "run_python.h"
#include "run_report.h"

/* As env(1) and timeout(1) have it. */
enum {
	RUN_FAILED = 125,	/* pmt-run itself */
	RUN_CANNOT = 126,	/* the interpreter is there, but does not run */
	RUN_MISSING = 127,	/* there is no such interpreter */
};

enum {
	OPT_BUILTINS = 256, OPT_COLUMNS, OPT_EXCLUDE_TYPE, OPT_GC_COLLECT,
	OPT_INCLUDE_TYPE, OPT_MESSAGE, OPT_PYTHON, OPT_PYTHON_OPTION,
	OPT_TYPE_NAMES,
};

struct run {
	struct run_board board;	/* gets the settings as they are read */
	const char *python;	/* what --python says */
	const char **argv;	/* the interpreter, its options, the program */
	size_t argc;
	const char *script;	/* a file, not a module or code */
	const char *tracer;	/* NULL until one is chosen */
	const char *type_names, *gc_collect;
	bool has_program, quiet;
};

static const struct argp_option options[] = {
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

static void
set(struct run *run, const char *key, const char *value)
{
	int err = run_board_set(&run->board, key, value);

	if (err != 0)
		cli_die(RUN_FAILED, err, "cannot store the settings");
}

static void
add_argument(struct run *run, const char *argument)
{
	run->argv[run->argc++] = argument;
}

/* The rest of the line belongs to the program. */
static void
take_program(struct run *run, struct argp_state *state)
{
	while (state->next < state->argc)
		add_argument(run, state->argv[state->next++]);
	run->has_program = true;
}

static void
add_columns(struct run *run, const char *list, struct argp_state *state)
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
		set(run, "column", known[i]);
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
add_python_option(struct run *run, const char *arg, struct argp_state *state)
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
	add_argument(run, arg);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	static const char *const forms[] = { "qualified", "tp_name", NULL };
	static const char *const generations[] = { "-1", "0", "1", "2", NULL };
	struct run *run = state->input;

	switch (key) {
	case 'r':
		run->tracer = "reference";
		break;
	case 'm':
	case 'c':
		add_argument(run, key == 'm' ? "-m" : "-c");
		add_argument(run, arg);
		take_program(run, state);
		break;
	case 'o':
		set(run, "output", arg);
		break;
	case 'q':
		run->quiet = true;
		break;
	case OPT_MESSAGE:
		set(run, "message", arg);
		break;
	case OPT_INCLUDE_TYPE:
		set(run, "include-type", arg);
		break;
	case OPT_EXCLUDE_TYPE:
		set(run, "exclude-type", arg);
		break;
	case OPT_BUILTINS:
		set(run, "builtins", "");
		break;
	case OPT_TYPE_NAMES:
		run->type_names = one_of(forms, "--type-names", arg, state);
		break;
	case OPT_COLUMNS:
		add_columns(run, arg, state);
		break;
	case OPT_GC_COLLECT:
		run->gc_collect = one_of(generations, "--gc-collect", arg,
					 state);
		break;
	case OPT_PYTHON:
		run->python = arg;
		break;
	case OPT_PYTHON_OPTION:
		add_python_option(run, arg, state);
		break;
	case ARGP_KEY_ARG:
		run->script = arg;
		add_argument(run, arg);
		take_program(run, state);
		break;
	case ARGP_KEY_END:
		if (!run->has_program)
			argp_error(state, "nothing to run: name a script, "
				   "a module with -m or code with -c");
		if (run->tracer == NULL)
			argp_error(state, "nothing to watch: say -r");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "SCRIPT [ARG...]\n-m MODULE [ARG...]\n-c CODE [ARG...]",
	.doc = "Run a Python program unchanged, with a tracer watching it.\v"
	       "SCRIPT is a file, a directory or archive with a __main__.py, "
	       "or - for standard input.  The exit status is the program's; "
	       "125 pmt-run failed, 126 the interpreter does not run, 127 it "
	       "is missing.",
};

/* What the interpreter's start-up module undoes again. */
static void
prepare_environment(struct run *run, const char *package)
{
	const char *before = getenv("PYTHONPATH");
	char *path, number[16];
	bool more = before != NULL && *before != '\0';

	if (before != NULL)
		set(run, "pythonpath", before);
	snprintf(number, sizeof(number), "%d", run->board.fd);
	if (asprintf(&path, "%s/boot%s%s", package, more ? ":" : "",
		     more ? before : "") == -1 ||
	    setenv("PYTHONPATH", path, 1) == -1 ||
	    setenv("PMT_RUN", number, 1) == -1)
		cli_die(RUN_FAILED, errno, "cannot set the environment");
	free(path);
}

static int
run_program(struct run *run)
{
	char *python = run_python_choose(run->python, run->script);
	char *package = run_python_package();
	int err, status = 0;

	if (python == NULL || package == NULL)
		cli_die(RUN_FAILED, ENOMEM, "cannot choose an interpreter");
	set(run, "tracer", run->tracer);
	set(run, "type-names", run->type_names);
	set(run, "gc-collect", run->gc_collect);
	prepare_environment(run, package);
	run->argv[0] = python;
	err = run_child((char *const *)run->argv, &status);
	if (err != 0)
		cli_die(err == -ENOENT ? RUN_MISSING : RUN_CANNOT, err,
			"cannot run '%s'", python);
	err = run_board_read(&run->board);
	if (err != 0)
		cli_warn(err, "cannot read the results");
	else if (!run_report_refused(&run->board, python, package))
		run_report(&run->board, status, run->quiet);
	free(python);
	free(package);
	return status;
}

int
main(int argc, char **argv)
{
	struct run run = { .type_names = "qualified", .gc_collect = "2" };
	int err, status;

	cli_start("pmt-run");
	err = run_board_open(&run.board);
	if (err != 0)
		cli_die(RUN_FAILED, err, "cannot make a file in memory");
	/* At most one word becomes two: -cCODE. */
	run.argv = calloc((size_t)argc + 3, sizeof(*run.argv));
	if (run.argv == NULL)
		cli_die(RUN_FAILED, errno, "cannot start");
	run.argc = 1;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &run);
	status = run_program(&run);
	run_board_close(&run.board);
	free(run.argv);
	return run_child_become(status);
}
