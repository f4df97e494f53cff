/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "cli/cli.h"

void
run_setting_put(struct run_board *board, const char *key, const char *value)
{
	int err = run_board_set(board, key, value);

	if (err != 0)
		cli_die(RUN_FAILED, err, "cannot store the settings");
}

static void
add_argument(struct run_parsing *parsing, const char *argument)
{
	parsing->options->argv[parsing->argc++] = argument;
}

static void
put(struct argp_state *state, const char *key, const char *value)
{
	struct run_parsing *parsing = state->input;

	run_setting_put(parsing->board, key, value);
}

/* Settings are known on the board by the long names of their options. */
static void
put_text(struct argp_state *state, const struct cli_option *option, char *arg)
{
	put(state, cli_option_name(state, option->key) + 2, arg ? arg : "");
}

static void
put_output(struct argp_state *state, const struct cli_option *option,
	   char *arg)
{
	struct run_parsing *parsing = state->input;

	parsing->options->dtrace.output = arg;
	put_text(state, option, arg);
}

static void
put_word(struct argp_state *state, const struct cli_option *option, char *arg)
{
	const char *name = cli_option_name(state, option->key);
	const struct cli_word *word = option->words;

	while (word->name != NULL && strcmp(arg, word->name) != 0)
		word++;
	if (word->name == NULL)
		argp_error(state, "%s: '%s' is not among those of --help",
			   name, arg);
	put(state, name + 2, word->name);
}

static void
put_columns(struct argp_state *state, const struct cli_option *option,
	    char *arg)
{
	char *copy = strdup(arg), *rest = copy, *name;
	const struct cli_word *word;

	while ((name = strsep(&rest, ",")) != NULL) {
		for (word = option->words; word->name != NULL; word++)
			if (strcasecmp(name, word->name) == 0)
				break;
		if (word->name == NULL)
			argp_error(state, "--columns: there is no column '%s'; "
				   "there are Thread, Wall, Size", name);
		put(state, "column", word->name);
	}
	free(copy);
}

/* A size as everywhere, or what pmt.Profile takes for one page. */
static void
put_trigger(struct argp_state *state, const struct cli_option *option,
	    char *arg)
{
	char number[24];
	uint64_t bytes;

	(void)option;
	if (strcmp(arg, "-1") == 0) {
		put(state, "trigger", arg);
		return;
	}
	if (pmt_parse_size(arg, &bytes) < 0 || bytes > INT64_MAX)
		argp_error(state, "--trigger: '%s' is not a size", arg);
	snprintf(number, sizeof(number), "%" PRIu64, bytes);
	put(state, "trigger", number);
}

static void
put_limit(struct argp_state *state, const struct cli_option *option, char *arg)
{
	struct run_parsing *parsing = state->input;
	const char *name = cli_option_name(state, option->key);
	uint64_t size = cli_size(state, name, arg);
	char number[24];

	if (size == 0 || size > INT64_MAX)
		argp_error(state, "%s: '%s' is no size for a log", name, arg);
	if (parsing->limit != 0 && parsing->limit != option->key)
		argp_error(state, "--max-size and --ring exclude each other");
	parsing->limit = option->key;
	snprintf(number, sizeof(number), "%" PRIu64, size);
	put(state, name + 2, number);
}

static void
put_sample(struct argp_state *state, const struct cli_option *option,
	   char *arg)
{
	struct run_parsing *parsing = state->input;

	(void)option;
	parsing->sample = arg == NULL ? "" : arg;
}

/* One every so many bytes, or 1 in so many objects. */
void
run_put_sample(struct argp_state *state)
{
	struct run_parsing *parsing = state->input;
	const char *arg = parsing->sample;
	bool objects = parsing->tracer == 'r';
	uint64_t count = objects ? 1000 : 512 << 10;
	char number[24];

	if (arg[0] != '\0')
		count = objects ? cli_count(state, "--sample", arg, 2,
					    INT32_MAX)
				: cli_size(state, "--sample", arg);
	if (count == 0 || count > UINT64_C(1) << 40)
		argp_error(state, "--sample: '%s' is no distance of samples",
			   arg);
	snprintf(number, sizeof(number), "%" PRIu64, count);
	put(state, "sample", number);
}

static void
put_stack(struct argp_state *state, const struct cli_option *option, char *arg)
{
	char number[24] = "";

	(void)option;
	if (arg != NULL)
		snprintf(number, sizeof(number), "%" PRIu64,
			 cli_count(state, "--stack", arg, 0, INT32_MAX));
	put(state, "stack", number);
}

/* ARG may be NULL. */
static void
put_seconds(struct argp_state *state, const struct cli_option *option,
	    const char *key, const char *arg)
{
	const char *name = cli_option_name(state, option->key);
	char number[32] = "";
	uint64_t ns;

	if (arg != NULL) {
		ns = cli_duration(state, name, arg);
		if (ns == 0)
			argp_error(state, "%s: not every 0 seconds", name);
		snprintf(number, sizeof(number), "%.9f", (double)ns / 1e9);
	}
	put(state, key, number);
}

static void
put_summary(struct argp_state *state, const struct cli_option *option,
	    char *arg)
{
	put_seconds(state, option, "summary", arg);
}

static void
put_snapshot(struct argp_state *state, const struct cli_option *option,
	     char *arg)
{
	struct run_parsing *parsing = state->input;

	if (arg != NULL && strcmp(arg, "end") == 0)
		arg = NULL;
	parsing->periodic |= arg != NULL;
	put_seconds(state, option, "heap-snapshot", arg);
	parsing->options->snapshots = true;
}

/*
 * Without site there is no start-up module, and under -E and -I no PYTHONPATH
 * that leads to it.
 */
static void
add_python_option(struct argp_state *state, const struct cli_option *option,
		  char *arg)
{
	(void)option;
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
	add_argument(state->input, arg);
}

static void
put_pid(struct argp_state *state, const struct cli_option *option, char *arg)
{
	struct run_parsing *parsing = state->input;

	(void)option;
	parsing->options->pid = (pid_t)cli_count(state, "--pid", arg, 1,
						 INT32_MAX);
}

static void
put_budget(struct argp_state *state, const struct cli_option *option,
	   char *arg)
{
	struct run_parsing *parsing = state->input;

	(void)option;
	cli_limits_set_budget(&parsing->options->limits, state, arg);
}

static void
add_leak_limit(struct argp_state *state, const struct cli_option *option,
	       char *arg)
{
	struct run_parsing *parsing = state->input;

	(void)option;
	cli_limits_add_leak(&parsing->options->limits, state, arg);
}

static void
choose_tracer(struct argp_state *state, const struct cli_option *option,
	      char *arg)
{
	struct run_parsing *parsing = state->input;

	if (parsing->tracer != 0)
		argp_error(state, "say one of -p, -t, -r, -a, --top, --dtrace "
			   "and --probes: each would see the others at work");
	parsing->tracer = option->key;
	parsing->options->preload = option->key == 'a' ||
				    option->key == OPT_PROBES;
	put(state, "tracer", option->words->name);
	if (option->key == OPT_DTRACE)
		parsing->options->script_name = arg;
	if (option->key == OPT_TOP)
		put_seconds(state, option, "seconds", arg);
}

void
run_take_script(struct argp_state *state, char *script)
{
	struct run_parsing *parsing = state->input;

	add_argument(parsing, script);
	while (state->next < state->argc)
		add_argument(parsing, state->argv[state->next++]);
	parsing->has_program = true;
}

static void
take_program(struct argp_state *state, const struct cli_option *option,
	     char *arg)
{
	add_argument(state->input, option->key == 'm' ? "-m" : "-c");
	run_take_script(state, arg);
}

#define WORDS(...) \
	.words = (const struct cli_word[]){ __VA_ARGS__, { NULL, 0 } }
#define FIELD(field) .offset = offsetof(struct run_options, field)

const struct cli_option run_settings[] = {
	{ 'p', CLI_CALL, .call = choose_tracer, WORDS({ "profile", 0 }) },
	{ 't', CLI_CALL, .call = choose_tracer, WORDS({ "trace", 0 }) },
	{ 'r', CLI_CALL, .call = choose_tracer, WORDS({ "reference", 0 }) },
	{ 'a', CLI_CALL, .call = choose_tracer, WORDS({ "allocations", 0 }) },
	{ OPT_TOP, CLI_CALL, .call = choose_tracer, WORDS({ "top", 0 }) },
	{ OPT_DTRACE, CLI_CALL, .call = choose_tracer, WORDS({ "probes", 0 }) },
	{ OPT_PROBES, CLI_CALL, .call = choose_tracer, WORDS({ "probes", 0 }) },
	{ OPT_PID, CLI_CALL, .call = put_pid },
	{ OPT_WHOLE_PATHS, CLI_TRUE, FIELD(dtrace.whole_paths) },
	{ OPT_HEAP_SNAPSHOT, CLI_CALL, .call = put_snapshot },
	{ 'm', CLI_CALL, .call = take_program },
	{ 'c', CLI_CALL, .call = take_program },
	{ 'd', CLI_DURATION, FIELD(duration) },
	{ OPT_WAIT, CLI_DURATION, FIELD(wait), .min = 1 },
	{ 'q', CLI_TRUE, FIELD(quiet) },
	{ 'v', CLI_TRUE, FIELD(verbose) },
	{ OPT_BUDGET, CLI_CALL, .call = put_budget },
	{ OPT_FAIL_LEAK, CLI_CALL, .call = add_leak_limit },
	{ OPT_FAIL_GROWTH, CLI_TRUE, FIELD(limits.growth) },
	{ OPT_FOLLOW, CLI_TRUE, FIELD(follow) },
	{ OPT_REPORT, CLI_TRUE, FIELD(report) },
	{ OPT_PYTHON, CLI_TEXT, FIELD(python) },
	{ OPT_PYTHON_OPTION, CLI_CALL, .call = add_python_option },
	{ 'o', CLI_CALL, .call = put_output },
	{ OPT_TEXT, CLI_CALL, .call = put_text },
	{ OPT_MESSAGE, CLI_CALL, .call = put_text },
	{ OPT_MAX_SIZE, CLI_CALL, .call = put_limit },
	{ OPT_MODE, CLI_MODE, FIELD(mode) },
	{ OPT_RING, CLI_CALL, .call = put_limit },
	{ OPT_TRIGGER, CLI_CALL, .call = put_trigger },
	{ OPT_INCLUDE_FILE, CLI_CALL, .call = put_text },
	{ OPT_EXCLUDE_FILE, CLI_CALL, .call = put_text },
	{ OPT_INCLUDE_FUNCTION, CLI_CALL, .call = put_text },
	{ OPT_OPCODES, CLI_CALL, .call = put_text },
	{ OPT_THREADS, CLI_CALL, .call = put_word,
	  WORDS({ "current", 0 }, { "all", 0 }) },
	{ OPT_RSS, CLI_CALL, .call = put_word,
	  WORDS({ "auto", 0 }, { "gap", 0 }, { "ring", 0 }, { "every", 0 }) },
	{ OPT_INCLUDE_TYPE, CLI_CALL, .call = put_text },
	{ OPT_EXCLUDE_TYPE, CLI_CALL, .call = put_text },
	{ OPT_BUILTINS, CLI_CALL, .call = put_text },
	{ OPT_NO_BUILTINS, CLI_CALL, .call = put_text },
	{ OPT_TYPE_NAMES, CLI_CALL, .call = put_word,
	  WORDS({ "qualified", 0 }, { "tp_name", 0 }) },
	{ OPT_COLUMNS, CLI_CALL, .call = put_columns,
	  WORDS({ "Thread", 0 }, { "Wall", 0 }, { "Size", 0 }) },
	{ OPT_STACK, CLI_CALL, .call = put_stack },
	{ OPT_SUMMARY, CLI_CALL, .call = put_summary },
	{ OPT_OBJECTS, CLI_CALL, .call = put_text },
	{ OPT_NATIVE, CLI_CALL, .call = put_text },
	{ OPT_SAMPLE, CLI_CALL, .call = put_sample },
	{ OPT_GC_COLLECT, CLI_CALL, .call = put_word,
	  WORDS({ "-1", 0 }, { "0", 0 }, { "1", 0 }, { "2", 0 }) },
	{ 0 },
};
