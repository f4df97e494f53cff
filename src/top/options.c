/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "top/options.h"

#include <stddef.h>

#include "cli/cli.h"
#include "cli/option.h"

enum {
	KEY_SORT = 256,
	KEY_TOP,
	KEY_IMPORTS,
	KEY_OPENMETRICS,
	KEY_MODE,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to look at:", 1 },
	{ "pid", 'p', "PID", 0, "this program, or the one of this pmt-run [all "
	  "that may be looked at]", 1 },
	{ "interval", 'i', "SECONDS", 0,
	  "time between looks, 0.001 or more [1]", 1 },
	{ "duration", 'd', "SECONDS", 0, "stop after this time", 1 },
	{ "count", WATCHED_KEY_COUNT, "COUNT", 0, "stop after so many looks",
	  1 },
	{ NULL, 0, NULL, 0, "What to show:", 2 },
	{ "sort", KEY_SORT, "KEY", 0, "order of rows: " TOP_ORDERS
	  " [growth]; in place the keys g l b m, and q quits", 2 },
	{ "top", KEY_TOP, "N", 0, "so many rows [a screen, or 100]", 2 },
	{ "imports", KEY_IMPORTS, NULL, 0, "rows of what imports made, too",
	  2 },
	{ "openmetrics", KEY_OPENMETRICS, "FILE", 0,
	  "write the rows for Prometheus instead: to FILE, replaced at each "
	  "look, or to whoever asks at :PORT of this machine", 2 },
	{ "mode", KEY_MODE, "OCTAL", 0, "permissions of FILE", 2 },
	{ 0 },
};

static void
set_order(struct argp_state *state, const struct cli_option *option,
	  char *arg)
{
	struct top_arguments *arguments = state->input;

	(void)option;
	if (!top_order_named(arg, &arguments->screen.order))
		argp_error(state, "--sort: '%s' is none of " TOP_ORDERS, arg);
}

static void
set_openmetrics(struct argp_state *state, const struct cli_option *option,
		char *arg)
{
	struct top_arguments *arguments = state->input;

	(void)option;
	if (arg[0] == ':')
		arguments->port = (uint16_t)cli_count(state, "--openmetrics",
						      arg + 1, 1, UINT16_MAX);
	else
		arguments->openmetrics = arg;
}

#define FIELD(field) .offset = offsetof(struct top_arguments, field)

static const struct cli_option fields[] = {
	{ KEY_SORT, CLI_CALL, .call = set_order },
	{ KEY_TOP, CLI_NUMBER, FIELD(screen.rows), 1, UINT64_MAX },
	{ KEY_IMPORTS, CLI_TRUE, FIELD(screen.imports) },
	{ KEY_OPENMETRICS, CLI_CALL, .call = set_openmetrics },
	{ KEY_MODE, CLI_MODE, FIELD(mode) },
	{ 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
	struct top_arguments *arguments = state->input;
	error_t err = cli_option_set(fields, key, arg, state, arguments);

	if (err == ARGP_ERR_UNKNOWN)
		err = cli_option_set(watched_option_table, key, arg, state,
				     &arguments->watched);
	return err;
}

void
top_parse_options(int argc, char **argv, struct top_arguments *arguments)
{
	static const struct argp argp = {
		.options = options, .parser = parse,
		.doc = "Show what the objects of programs that are traced do "
		       "now: how many are alive, of which type, made where, "
		       "and which stay.",
	};

	*arguments = (struct top_arguments){
		.watched.interval = WATCHED_INTERVAL,
		.screen = { .utf8 = cli_utf8() },
	};
	cli_parse(&argp, argc, argv, 0, arguments);
}
