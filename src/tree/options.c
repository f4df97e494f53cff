/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tree/options.h"

#include <unistd.h>

#include "cli/cli.h"
#include "cli/watched.h"

enum {
	KEY_CMDLINE = 256,
	KEY_SEPARATOR,
	KEY_JSON,
	KEY_CSV,
	KEY_TOP,
	KEY_SORT,
	KEY_COUNT,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to watch:", 1 },
	{ "pid", 'p', "PID", 0, "this process and its descendants", 1 },
	{ "interval", 'i', "SECONDS", 0,
	  "time between samples, 0.001 or more [1]", 1 },
	{ "duration", 'd', "SECONDS", 0, "stop after this time", 1 },
	{ "count", KEY_COUNT, "COUNT", 0, "stop after so many samples", 1 },
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
	{ "top", KEY_TOP, NULL, 0,
	  "redraw in place; keys: r d u c p t sort, q quits", 3 },
	{ "sort", KEY_SORT, "KEY", 0, "order of rows: " TREE_ORDERS " [tree]",
	  3 },
	{ 0 },
};

static unsigned
columns_of(int key)
{
	switch (key) {
	case 'u': return TREE_USS;
	case 'g': return TREE_FAULTS;
	case 'c': return TREE_CPU;
	case 'x': return TREE_SWITCHES;
	case 't': return TREE_THREADS;
	case 's': return TREE_STATUS;
	case 'f': return TREE_FILES;
	case 'n': return TREE_NET;
	case 'a': return TREE_ALL;
	case KEY_CMDLINE: return TREE_CMDLINE;
	}
	return 0;
}

static void
check(struct argp_state *state, const struct tree_arguments *arguments)
{
	if ((arguments->pid == 0) == (arguments->command == NULL))
		argp_error(state, "give either -p PID or a command");
	if (arguments->csv && arguments->separator != NULL)
		argp_error(state, "--csv and --sep exclude each other");
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct tree_arguments *arguments = state->input;

	arguments->columns |= columns_of(key);
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
	case KEY_COUNT:
		arguments->count = cli_count(state, "--count", arg, 1,
					     UINT64_MAX);
		break;
	case '1':
		arguments->omit_first = true;
		break;
	case KEY_SEPARATOR:
		arguments->separator = arg;
		break;
	case KEY_CSV:
		arguments->csv = true;
		break;
	case KEY_JSON:
		arguments->json = arg;
		break;
	case KEY_TOP:
		arguments->top = true;
		break;
	case KEY_SORT:
		if (!tree_order_named(arg, &arguments->order))
			argp_error(state, "--sort: '%s' is none of "
				   TREE_ORDERS, arg);
		break;
	case ARGP_KEY_ARG:
		arguments->command = &state->argv[state->next - 1];
		state->next = state->argc;
		break;
	case ARGP_KEY_SUCCESS:
		check(state, arguments);
		break;
	default:
		return columns_of(key) != 0 ? 0 : ARGP_ERR_UNKNOWN;
	}
	return 0;
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
		.interval = WATCHED_INTERVAL, .columns = TREE_RSS,
	};
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, arguments);
	/* In place is only for a terminal. */
	arguments->top = arguments->top && isatty(STDOUT_FILENO) &&
			 !arguments->csv;
}
