/* SPDX-License-Identifier: MIT */
/* pmt: what tools are there?  And one name for all of them. */
#include <config.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/tool.h"

static const struct tool {
	const char *name;
	const char *summary;
} tools[] = {
	{ "tree", "which process grows, of one and all its descendants" },
	{ "process", "how one process grows over time" },
	{ "run", "start Python with a tracer: which calls, lines and "
		"objects" },
	{ "heap", "which objects a program has that runs, and what holds "
		"them" },
	{ "top", "which objects grow, now, in programs that are traced" },
	{ "analyse", "what the logs of all of them say" },
};

static void
run_tool(const struct tool *tool, char **argv)
{
	char name[NAME_MAX];

	snprintf(name, sizeof(name), "pmt-%s", tool->name);
	cli_become(name, argv);
}

static int
list_tools(void)
{
	puts("Why does my Python process grow?  Ask:\n");
	for (size_t i = 0; i < PMT_ARRAY_SIZE(tools); i++)
		printf("  pmt %-8s  %s\n", tools[i].name, tools[i].summary);
	puts("\n'pmt TOOL --help' and the manual page pmt-TOOL(1) tell more; "
	     "pmt(7) tells\nwhich tool to take, pmt(3) what Python programs "
	     "can import.");
	return cli_finish(CLI_OK);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < PMT_ARRAY_SIZE(tools); i++)
			if (strcmp(arg, tools[i].name) == 0)
				run_tool(&tools[i],
					 state->argv + state->next - 1);
		argp_error(state, "there is no tool '%s'", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse_option,
		.args_doc = "[TOOL [ARGUMENT...]]",
		.doc = "Run a tool of the suite; without one, list them.",
	};

	cli_start("pmt");
	cli_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL);
	return list_tools();
}
