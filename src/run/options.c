/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/option.h"
#include "run/settings.h"

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What to watch:", 1 },
	{ "profile", 'p', NULL, 0,
	  "calls and returns that change memory", 0 },
	{ "trace", 't', NULL, 0, "lines that change memory", 0 },
	{ "references", 'r', NULL, 0,
	  "every object made and destroyed (Python 3.13 or newer)", 0 },
	{ "allocations", 'a', NULL, 0,
	  "every block of malloc and mmap, with its stack", 0 },
	{ "top", OPT_TOP, "SECONDS", OPTION_ARG_OPTIONAL,
	  "print which files hold most memory, by tracemalloc, at the end and "
	  "every SECONDS", 0 },
	{ "dtrace", OPT_DTRACE, "NAME", 0,
	  "what that script of pmt-dtrace(7) tells, by bpftrace or dtrace; "
	  "list: which there are", 0 },
	{ "probes", OPT_PROBES, NULL, 0,
	  "nothing: fire probes for a later --dtrace NAME --pid PID", 0 },
	{ "heap-snapshot", OPT_HEAP_SNAPSHOT, "end|SECONDS",
	  OPTION_ARG_OPTIONAL,
	  "write all objects to a file: at the end, on SIGUSR2, every SECONDS; "
	  "alone or with -p, -t, -r or -a", 0 },
	{ NULL, 0, NULL, 0, "What to run, instead of a script:", 2 },
	{ "pid", OPT_PID, "PID", 0,
	  "nothing: watch this process, which runs already, until ^C", 0 },
	{ "duration", 'd', "SECONDS", 0,
	  "with --pid: stop after this time", 0 },
	{ "wait", OPT_WAIT, "SECONDS", 0,
	  "with --pid: so long for a program that waits itself [until ^C on a "
	  "terminal, else 60 s]", 0 },
	{ "module", 'm', "MODULE", 0,
	  "a module, as python -m; the rest of the line is its own", 0 },
	{ "command", 'c', "CODE", 0,
	  "code, as python -c; the rest of the line is its own", 0 },
	{ "whole-paths", OPT_WHOLE_PATHS, NULL, 0,
	  "with --dtrace: whole paths of source files", 0 },
	{ "follow", OPT_FOLLOW, NULL, 0,
	  "also the Pythons that it starts, each with a log of its own", 0 },
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
	{ "summary", OPT_SUMMARY, "SECONDS", OPTION_ARG_OPTIONAL,
	  "with -r and -a: write no log but a report: at the end, on SIGUSR1, "
	  "every SECONDS", 0 },
	{ "sample", OPT_SAMPLE, "N|SIZE", OPTION_ARG_OPTIONAL,
	  "with -r: 1 in N objects [1000]; with -a: only blocks in which a "
	  "sample lies, one every SIZE in the mean [512k]", 0 },
	{ "mode", OPT_MODE, "MODE", 0,
	  "permissions of the log of -p, -t and -r, in octal [0600]", 0 },
	{ "stack", OPT_STACK, "N", OPTION_ARG_OPTIONAL,
	  "by which calls a row came about, N of them at most; -p and -t tell "
	  "it unless --trigger is 0; -r if asked", 0 },
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
	  "all [default]; current: the main thread", 0 },
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
	  "log int, str, list, dict ... too [default]", 0 },
	{ "no-builtins", OPT_NO_BUILTINS, NULL, 0,
	  "leave them out, which is cheaper", 0 },
	{ "type-names", OPT_TYPE_NAMES, "FORM", 0,
	  "qualified: module and name [default]; tp_name: as C sees it", 0 },
	{ "columns", OPT_COLUMNS, "LIST", 0,
	  "add columns: Thread, Wall; Size is there", 0 },
	{ "gc-collect", OPT_GC_COLLECT, "N", 0,
	  "generation to collect at the end: 0, 1, 2; -1 for none [2]", 0 },
	{ NULL, 0, NULL, 0, "The log of -a:", FOR_ALLOCATIONS },
	{ "objects", OPT_OBJECTS, NULL, 0,
	  "the small blocks of Python's own allocator, too", 0 },
	{ "native", OPT_NATIVE, NULL, 0,
	  "the functions in C, C++, Rust ... of each stack, too", 0 },
	{ NULL, 0, NULL, 0, "The interpreter:", GROUPS },
	{ "python", OPT_PYTHON, "FILE", 0,
	  "run it with this one [$PYTHON, the active virtual environment's, "
	  "the one the script names, python3]", 0 },
	{ "python-option", OPT_PYTHON_OPTION, "OPTION", 0,
	  "an option for it, such as -Xdev; may be repeated", 0 },
	{ NULL, 0, NULL, 0, "Limits; beyond, exit status 1:", GROUPS + 1 },
	{ "budget", OPT_BUDGET, "SIZE", 0,
	  "if it, or a child, ever had more memory (RSS)", 0 },
	{ "fail-on-leak", OPT_FAIL_LEAK, "[TYPE=]N", 0,
	  "with -r: if more than N objects are left that grow, or that are of "
	  "such a TYPE; may be repeated", 0 },
	{ "fail-on-growth", OPT_FAIL_GROWTH, NULL, 0,
	  "with -r: if any objects, with -p and -t: if memory grows to the end",
	  0 },
	{ NULL, 0, NULL, 0, "Other:", -1 },
	{ "quiet", 'q', NULL, 0, "no summary at the end", 0 },
	{ "verbose", 'v', NULL, 0, "say which interpreter it is, and why", 0 },
	{ "report", OPT_REPORT, NULL, 0,
	  "print the brief report of pmt-analyse at the end", 0 },
	{ 0 },
};

/* Remember an option by its heading, which those below it have no number of. */
static void
note_option(struct run_parsing *parsing, int key)
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
	parsing->summary |= key == OPT_SUMMARY;
	parsing->stack |= key == OPT_STACK;
	parsing->rows |= key == OPT_MAX_SIZE || key == OPT_RING ||
			 key == OPT_TEXT;
}

/* Nothing was asked for: what costs little and tells of all memory. */
static void
choose(struct run_parsing *parsing)
{
	parsing->tracer = 'p';
	parsing->options->report = !parsing->options->quiet;
	parsing->options->temporary = parsing->output == NULL;
	run_setting_put(parsing->board, "tracer", "light");
	/* Who asks for other rows wants to see them. */
	if (parsing->last_of[FOR_CHANGES] == NULL) {
		parsing->options->first_screen = true;
		run_setting_put(parsing->board, "trigger", "65536");
	}
}

/* True: a process that runs is looked at, and all is said. */
static bool
check_dtrace(struct run_parsing *parsing, struct argp_state *state)
{
	bool dtrace = parsing->options->script_name != NULL;

	if (!dtrace && parsing->options->dtrace.whole_paths)
		argp_error(state, "--whole-paths is of --dtrace");
	if (dtrace && parsing->rows)
		argp_error(state, "--dtrace: there is no log that could be "
			   "text, or too long");
	if (parsing->options->pid != 0 && parsing->has_program)
		argp_error(state, "--pid: there is a program to run, too");
	return dtrace && (parsing->options->pid != 0 ||
			  strcmp(parsing->options->script_name, "list") == 0);
}

static void
check_attach(struct run_parsing *parsing, struct argp_state *state)
{
	struct run_options *options = parsing->options;

	if (options->pid == 0 && options->duration != 0)
		argp_error(state, "--duration is of --pid");
	if (options->pid == 0 && options->wait != 0)
		argp_error(state, "--wait is of --pid");
	if (options->pid == 0)
		return;
	if (options->python != NULL || parsing->argc > 1)
		argp_error(state, "--pid: its interpreter runs already");
	if (parsing->tracer == 'a' || parsing->tracer == OPT_TOP ||
	    parsing->tracer == OPT_PROBES)
		argp_error(state, "-a, --top and --probes begin with the "
			   "program; --pid is for -p, -t, -r, --heap-snapshot "
			   "and --dtrace");
	if (parsing->tracer == 0 && !options->snapshots)
		argp_error(state, "--pid: say what to watch: -p, -t, -r or "
			   "--heap-snapshot");
	if (parsing->tracer == 0 && options->duration != 0)
		argp_error(state, "--duration: a heap snapshot is one look");
	if (parsing->periodic)
		argp_error(state, "--pid: one heap snapshot is written, not "
			   "one every so often");
}

static void
check_limits(struct run_parsing *parsing, struct argp_state *state)
{
	const struct cli_limits *limits = &parsing->options->limits;
	bool code = parsing->tracer == 'p' || parsing->tracer == 't';
	bool any = limits->growth || limits->leak_count > 0;

	if (parsing->options->pid != 0 && (any || limits->budget != 0))
		argp_error(state, "--budget, --fail-on-leak and "
			   "--fail-on-growth are not for --pid");
	if (any && parsing->summary)
		argp_error(state, "--summary: there is no log to check");
	if (limits->leak_count > 0 && parsing->tracer != 'r')
		argp_error(state, "--fail-on-leak is of -r");
	if (limits->growth && parsing->tracer != 'r' && !code)
		argp_error(state, "--fail-on-growth is of -p, -t and -r");
}

static void
check(struct run_parsing *parsing, struct argp_state *state)
{
	const char *references = parsing->last_of[FOR_REFERENCES];
	const char *changes = parsing->last_of[FOR_CHANGES];
	const char *allocations = parsing->last_of[FOR_ALLOCATIONS];
	bool snapshots = parsing->options->snapshots;

	if (check_dtrace(parsing, state))
		return;
	check_attach(parsing, state);
	if (!parsing->has_program && parsing->options->pid == 0)
		argp_error(state, "nothing to run: name a script, a module "
			   "with -m or code with -c");
	if (parsing->tracer == 0 && !snapshots)
		choose(parsing);
	if (parsing->tracer == 0 && parsing->rows)
		argp_error(state, "--heap-snapshot: there is no log that could "
			   "be text, or too long");
	if (snapshots && strchr("ptra", parsing->tracer) == NULL)
		argp_error(state, "--heap-snapshot is for -p, -t, -r and -a, "
			   "or alone");
	if (references != NULL && parsing->tracer != 'r')
		argp_error(state, "--%s is of -r", references);
	if (changes != NULL && parsing->tracer != 'p' && parsing->tracer != 't')
		argp_error(state, "--%s is of -p and -t", changes);
	if (allocations != NULL && parsing->tracer != 'a')
		argp_error(state, "--%s is of -a", allocations);
	if (parsing->tracer == 'a' && parsing->rows)
		argp_error(state, "-a: its log is never text, and as long as "
			   "it becomes; --sample and --summary are shorter");
	if (parsing->summary && parsing->tracer != 'r' &&
	    parsing->tracer != 'a')
		argp_error(state, "--summary is of -r and -a");
	if (parsing->sample != NULL && parsing->tracer != 'r' &&
	    parsing->tracer != 'a')
		argp_error(state, "--sample is of -r and -a");
	if (parsing->options->mode != 0 &&
	    parsing->tracer != 'p' && parsing->tracer != 't' &&
	    parsing->tracer != 'r' && parsing->tracer != 'a')
		argp_error(state, "--mode is of the log of -p, -t, -r and "
			   "-a");
	if (parsing->options->report &&
	    (parsing->summary || parsing->tracer == OPT_TOP ||
	     parsing->tracer == OPT_DTRACE || parsing->tracer == OPT_PROBES ||
	     (parsing->tracer == 0 && parsing->options->pid == 0)))
		argp_error(state, "--report: there is no log to tell of");
	if (parsing->stack && (parsing->summary || parsing->tracer == 0 ||
			       parsing->tracer == 'a' ||
			       parsing->tracer == OPT_TOP))
		argp_error(state, "--stack is of the logs of -p, -t and -r");
	check_limits(parsing, state);
	if (parsing->options->follow &&
	    (parsing->options->pid != 0 || parsing->tracer == OPT_TOP ||
	     parsing->tracer == OPT_DTRACE || parsing->tracer == OPT_PROBES))
		argp_error(state, "--follow is not for --pid, --top, --dtrace "
			   "and --probes");
	if (parsing->summary && parsing->rows)
		argp_error(state, "--summary: there is no log that could be "
			   "text, or too long");
}

/* The process that runs already, or a child, is somewhere else. */
static void
put_place(const struct run_parsing *parsing)
{
	const char *output = parsing->output;
	char here[PATH_MAX], *path;

	if ((parsing->options->pid == 0 && !parsing->options->follow) ||
	    (output != NULL && output[0] == '/'))
		return;
	if (getcwd(here, sizeof(here)) == NULL ||
	    asprintf(&path, "%s%s%s", here, output == NULL ? "" : "/",
		     output == NULL ? "" : output) == -1)
		cli_die(RUN_FAILED, errno, "cannot name a log");
	run_setting_put(parsing->board, "output", path);
	free(path);
}

static void
put_mode(const struct run_parsing *parsing)
{
	char octal[12];

	if (parsing->options->mode == 0)
		return;
	snprintf(octal, sizeof(octal), "%o", parsing->options->mode);
	run_setting_put(parsing->board, "mode", octal);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct run_parsing *parsing = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		parsing->options->script = arg;
		run_take_script(state, arg);
		return 0;
	case ARGP_KEY_END:
		check(parsing, state);
		if (parsing->tracer == 0)
			run_setting_put(parsing->board, "tracer", "nothing");
		if (parsing->sample != NULL)
			run_put_sample(state);
		put_mode(parsing);
		put_place(parsing);
		if (parsing->options->follow)
			run_setting_put(parsing->board, "follow", "");
		parsing->options->rows = parsing->tracer != 0;
		parsing->options->summary = parsing->summary;
		return 0;
	case 'o':
		parsing->output = arg;
		break;
	}
	note_option(parsing, key);
	return cli_option_set(run_settings, key, arg, state, parsing->options);
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "SCRIPT [ARG...]\n-m MODULE [ARG...]\n-c CODE [ARG...]\n"
		    "--pid=PID",
	.doc = "Run a Python program unchanged, with a tracer watching it.\v"
	       "SCRIPT is a file, a directory or archive with a __main__.py, "
	       "a command in PATH that is a Python script, or - for standard "
	       "input; a Python before it runs it.  The exit status is the "
	       "program's; 125 pmt-run failed, 126 the interpreter does not "
	       "run, 127 it is missing.",
};

void
run_options_parse(int argc, char **argv, struct run_board *board,
		  struct run_options *options)
{
	struct run_parsing parsing = {
		.options = options, .board = board, .argc = 1,
	};

	/* At most one word becomes two: -cCODE. */
	*options = (struct run_options){
		.argv = calloc((size_t)argc + 3, sizeof(*options->argv)),
	};
	if (options->argv == NULL)
		cli_die(RUN_FAILED, errno, "cannot read the command line");
	run_setting_put(board, "type-names", "qualified");
	run_setting_put(board, "gc-collect", "2");
	cli_parse(&argp, argc, argv, ARGP_IN_ORDER, &parsing);
}
