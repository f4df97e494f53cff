/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/options.h"

#include <stddef.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/option.h"

enum {
	KEY_CMDLINE = 256,
	KEY_SEPARATOR,
	KEY_JSON,
	KEY_CSV,
	KEY_TOP,
	KEY_SORT,
	KEY_CLASSIC,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to watch:", 1 },
	{ "pid", 'p', "PID", 0, "this process and its descendants", 1 },
	{ "interval", 'i', "SECONDS", 0,
	  "time between samples, 0.001 or more [1]", 1 },
	{ "duration", 'd', "SECONDS", 0, "stop after this time", 1 },
	{ "count", WATCHED_KEY_COUNT, "COUNT", 0,
	  "stop after so many samples", 1 },
	{ "omit-first", '1', NULL, 0,
	  "do not show the first sample, which has no changes", 1 },
	{ NULL, 0, NULL, 0, "Columns beside RSS:", 2 },
	{ "uss", 'u', NULL, 0, "USS and PSS: memory of its own, and with its "
	  "share of what is shared; slower", 2 },
	{ "page-faults", 'g', NULL, 0, "page faults, all and major", 2 },
	{ "cpu-times", 'c', NULL, 0, "CPU use, user and system time", 2 },
	{ "context-switches", 'x', NULL, 0, "context switches", 2 },
	{ "threads", 't', NULL, 0, "number of threads", 2 },
	{ "status", 's', NULL, 0, "sleeping, running, zombie ...", 2 },
	{ "open-files", 'f', NULL, 0,
	  "open descriptors, and regular files among them", 2 },
	{ "net-connections", 'n', NULL, 0, "internet sockets", 2 },
	{ "cmdline", KEY_CMDLINE, NULL, 0, "command line", 2 },
	{ "all", 'a', NULL, 0, "the same as -cfgstn", 2 },
	{ NULL, 0, NULL, 0, "Output:", 3 },
	{ "sep", KEY_SEPARATOR, "STRING", 0,
	  "put STRING between values instead of padding them", 3 },
	{ "csv", KEY_CSV, NULL, 0, "CSV in bytes and seconds", 3 },
	{ "json", KEY_JSON, "FILE", 0, "write JSON to FILE as well", 3 },
	{ "classic", KEY_CLASSIC, NULL, 0,
	  "columns and titles of pymemtrace's process_tree", 3 },
	{ "top", KEY_TOP, NULL, 0,
	  "redraw in place; keys: r d u c p t sort, q quits", 3 },
	{ "sort", KEY_SORT, "KEY", 0, "order of rows: " TREE_ORDERS " [tree]",
	  3 },
	{ 0 },
};

static void
set_order(struct argp_state *state, const struct cli_option *option,
	  char *arg)
{
	struct tree_arguments *arguments = state->input;

	(void)option;
	if (!tree_order_named(arg, &arguments->order))
		argp_error(state, "--sort: '%s' is none of " TREE_ORDERS, arg);
}

#define FIELD(field) .offset = offsetof(struct tree_arguments, field)

static const struct cli_option fields[] = {
	{ '1', CLI_TRUE, FIELD(omit_first) },
	{ 'u', CLI_BITS, FIELD(columns), TREE_USS },
	{ 'g', CLI_BITS, FIELD(columns), TREE_FAULTS },
	{ 'c', CLI_BITS, FIELD(columns), TREE_CPU },
	{ 'x', CLI_BITS, FIELD(columns), TREE_SWITCHES },
	{ 't', CLI_BITS, FIELD(columns), TREE_THREADS },
	{ 's', CLI_BITS, FIELD(columns), TREE_STATUS },
	{ 'f', CLI_BITS, FIELD(columns), TREE_FILES },
	{ 'n', CLI_BITS, FIELD(columns), TREE_NET },
	{ 'a', CLI_BITS, FIELD(columns), TREE_ALL },
	{ KEY_CMDLINE, CLI_BITS, FIELD(columns), TREE_CMDLINE },
	{ KEY_SEPARATOR, CLI_TEXT, FIELD(separator) },
	{ KEY_CSV, CLI_TRUE, FIELD(csv) },
	{ KEY_JSON, CLI_TEXT, FIELD(json) },
	{ KEY_CLASSIC, CLI_TRUE, FIELD(classic) },
	{ KEY_TOP, CLI_TRUE, FIELD(top) },
	{ KEY_SORT, CLI_CALL, .call = set_order },
	{ 0 },
};

static void
check(struct argp_state *state, const struct tree_arguments *arguments)
{
	if ((arguments->watched.pid == 0) ==
	    (arguments->watched.command == NULL))
		argp_error(state, "give either -p PID or a command");
	if (arguments->csv && arguments->separator != NULL)
		argp_error(state, "--csv and --sep exclude each other");
	if (arguments->classic &&
	    (arguments->csv || arguments->top ||
	     arguments->order != TREE_BY_TREE))
		argp_error(state, "--classic has no --csv, --top or --sort");
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct tree_arguments *arguments = state->input;
	error_t err;

	switch (key) {
	case ARGP_KEY_ARG:
		arguments->watched.command = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_SUCCESS:
		check(state, arguments);
		return 0;
	}
	err = cli_option_set(fields, key, arg, state, arguments);
	if (err == ARGP_ERR_UNKNOWN)
		err = cli_option_set(watched_option_table, key, arg, state,
				     &arguments->watched);
	return err;
}

void
tree_parse_options(int argc, char **argv, struct tree_arguments *arguments)
{
	static const struct argp argp = {
		.options = options, .parser = parse,
		.args_doc = "-p PID\n[--] COMMAND [ARGUMENT...]",
		.doc = "Show the memory of a process and all its descendants "
		       "at intervals.",
	};

	*arguments = (struct tree_arguments){
		.watched.interval = WATCHED_INTERVAL, .columns = TREE_RSS,
	};
	cli_parse(&argp, argc, argv, ARGP_IN_ORDER, arguments);
	if (arguments->classic)
		arguments->columns |= TREE_PERCENT;
	/* In place is only for a terminal. */
	arguments->top = arguments->top && isatty(STDOUT_FILENO) &&
			 !arguments->csv;
}
