/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/level.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/option.h"

enum {
	OPTION_FULL_PATH = 256,
	OPTION_UNTRACKED,
	OPTION_IMPORTS,
	OPTION_HISTORICAL,
	OPTION_RECURSE,
	OPTION_GROUP_BY,
	OPTION_SORT,
	OPTION_TYPE,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_JSON,
	OPTION_CSV,
	OPTION_FOLDED,
	OPTION_FORMAT,
	OPTION_PLOT,
	OPTION_PPROF,
	OPTION_SPEEDSCOPE,
	OPTION_FLAMEGRAPH,
	OPTION_HTML,
	OPTION_MASSIF,
	OPTION_PERFETTO,
	OPTION_SQLITE,
	OPTION_TEXT,
	OPTION_TOP,
	OPTION_AT,
	OPTION_PATH_TO,
	OPTION_DIFF,
	OPTION_COMPARE,
	OPTION_MERGE,
	OPTION_BY,
	OPTION_PER,
	OPTION_LIMIT,
	OPTION_BUDGET,
	OPTION_FAIL_LEAK,
	OPTION_FAIL_GROWTH,
};

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What to show:", 1 },
	{ "brief", 'b', NULL, 0, "Only where it leaks or grows, no lists", 0 },
	{ "top", OPTION_TOP, "N", 0, "The first N of each table [10]; 0: all",
	  0 },
	{ "group-by", OPTION_GROUP_BY, "WORDS", 0, "Add up by type, site, "
	  "file, function, in profiles also line, path [type,site; all but "
	  "type]", 0 },
	{ "sort", OPTION_SORT, "KEY", 0, "By count or name; reference logs: "
	  "bytes, made, first, last [what grows, then bytes]; profiles: "
	  "net, grown, released [net]", 0 },
	{ "type", OPTION_TYPE, "GLOB", 0, "Only types like this (repeatable)",
	  0 },
	{ "since", OPTION_SINCE, "CLOCK", 0, "Only what was made from this "
	  "clock on, e.g. 1.5", 0 },
	{ "until", OPTION_UNTIL, "CLOCK", 0, "As if the log ended at this "
	  "clock", 0 },
	{ "at", OPTION_AT, "WHEN", 0, "What was alive at the end, at the peak "
	  "of RSS, or at a clock: end, peak or e.g. 1.5 [end]", 0 },
	{ "full-path", OPTION_FULL_PATH, NULL, 0, "Whole paths of "
	  "files", 0 },
	{ NULL, 0, NULL, 0, "Only in reference logs:", 2 },
	{ "imports", OPTION_IMPORTS, NULL, 0, "List what imports made, not "
	  "only in one line", 0 },
	{ "include-untracked", OPTION_UNTRACKED, NULL, 0, "Also objects "
	  "destroyed whose creation is not in the log", 0 },
	{ "include-historical", OPTION_HISTORICAL, NULL, 0, "Also each object "
	  "that was created and destroyed", 0 },
	{ "recurse-files", OPTION_RECURSE, NULL, 0, "Also read the logs of "
	  "inner tracers that a log names", 0 },
	{ NULL, 0, NULL, 0, "Only in heap snapshots:", 3 },
	{ "path-to", OPTION_PATH_TO, "TYPE|ADDRESS", 0, "What holds these "
	  "objects", 0 },
	{ "diff", OPTION_DIFF, NULL, 0, "What grew from the first to the "
	  "second, by type and by holder", 0 },
	{ NULL, 0, NULL, 0, "Several logs:", 4 },
	{ "compare", OPTION_COMPARE, NULL, 0, "What there is more of in the "
	  "second log, or directory of logs, than in the first", 0 },
	{ "merge", OPTION_MERGE, NULL, 0, "One report of all logs, as of a "
	  "directory's", 0 },
	{ "by", OPTION_BY, "pid", 0, "A report of each log, of a directory's "
	  "too", 0 },
	{ "per", OPTION_PER, "WHAT", 0, "Divide by seconds (second) or by the "
	  "messages like this glob", 0 },
	{ "limit", OPTION_LIMIT, "SIZE", 0, "Exit with 1 if anything rose by "
	  "more: bytes or, without sizes, objects", 0 },
	{ NULL, 0, NULL, 0, "Limits of each log; beyond, exit status 1:", 5 },
	{ "budget", OPTION_BUDGET, "SIZE", 0, "If memory (RSS) was ever more",
	  0 },
	{ "fail-on-leak", OPTION_FAIL_LEAK, "[TYPE=]N", 0, "If more than N "
	  "objects are left that grow, or that are of such a TYPE; may be "
	  "repeated", 0 },
	{ "fail-on-growth", OPTION_FAIL_GROWTH, NULL, 0, "If any objects, or "
	  "in profiles memory, grow to the end", 0 },
	{ NULL, 0, NULL, 0, "How:", 6 },
	{ "format", OPTION_FORMAT, "NAME", 0, "text, json, csv, folded or, for "
	  "editors and CI, gcc: FILE:LINE: warning: ...", 0 },
	{ "json", OPTION_JSON, NULL, 0, "Print JSON, an array of one object a "
	  "log", 0 },
	{ "csv", OPTION_CSV, NULL, 0, "Print the tables as comma-separated "
	  "values", 0 },
	{ "folded", OPTION_FOLDED, NULL, 0, "Print the call paths of a profile "
	  "with the bytes each grew by, or those that hold a heap, for flame "
	  "graphs", 0 },
	{ "html", OPTION_HTML, "FILE", 0, "Write a page for browsers about all "
	  "logs: memory over time, tables, call paths", 0 },
	{ "flamegraph", OPTION_FLAMEGRAPH, "FILE", 0, "Draw the call paths as "
	  "an SVG picture", 0 },
	{ "pprof", OPTION_PPROF, "FILE", 0, "Write the call paths for pprof",
	  0 },
	{ "speedscope", OPTION_SPEEDSCOPE, "FILE", 0, "Write the call paths "
	  "for speedscope, as JSON", 0 },
	{ "massif", OPTION_MASSIF, "FILE", 0, "Write memory over time and who "
	  "holds it for ms_print", 0 },
	{ "perfetto", OPTION_PERFETTO, "FILE", 0, "Write memory over time and "
	  "live objects for Perfetto, as JSON", 0 },
	{ "sqlite", OPTION_SQLITE, "FILE", 0, "Write all rows and names to a "
	  "SQLite database", 0 },
	{ "plot", OPTION_PLOT, "FILE", 0, "Have gnuplot draw memory over "
	  "time, and what is alive, as FILE.png or FILE.svg", 0 },
	{ "text", OPTION_TEXT, NULL, 0, "Print the log itself as text, a "
	  "compact one too", 0 },
	{ "log-level", 'l', "LEVEL", 0, "Messages from this level on: debug, "
	  "info, warning, error, critical or 10 to 50 [warning]", 0 },
	{ "log_level", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0 },
	{ 0 }
};

static const struct cli_word groupings[] = {
	{ "type", PMT_GROUP_TYPE }, { "site", PMT_GROUP_SITE },
	{ "file", PMT_GROUP_FILE }, { "function", PMT_GROUP_FUNCTION },
	{ "line", PMT_GROUP_LINE }, { "path", PMT_GROUP_PATH },
	{ "own", PMT_GROUP_OWN }, { "thread", PMT_GROUP_THREAD },
	{ NULL, 0 },
};

static const struct cli_word orders[] = {
	{ "count", PMT_ORDER_COUNT }, { "bytes", PMT_ORDER_BYTES },
	{ "made", PMT_ORDER_MADE }, { "first", PMT_ORDER_FIRST },
	{ "last", PMT_ORDER_LAST }, { "name", PMT_ORDER_NAME },
	{ "net", PMT_ORDER_NET }, { "grown", PMT_ORDER_GROWN },
	{ "released", PMT_ORDER_RELEASED }, { "peak", PMT_ORDER_PEAK },
	{ "temporary", PMT_ORDER_TEMPORARY }, { NULL, 0 },
};

static void
add_type(struct argp_state *state, const struct cli_option *option,
	 char *glob)
{
	struct pmt_choice *choice = &((struct options *)state->input)->choice;

	(void)option;
	choice->types = cli_need(reallocarray(choice->types,
					      choice->type_count + 1,
					      sizeof(*choice->types)));
	choice->types[choice->type_count++] = glob;
}

/* At a clock is as if the log ended there. */
static void
set_at(struct argp_state *state, const struct cli_option *option, char *when)
{
	struct options *options = state->input;
	uint64_t clock;

	(void)option;
	if (strcmp(when, "peak") == 0)
		options->choice.when = PMT_AT_PEAK;
	else if (strcmp(when, "end") == 0)
		options->choice.when = PMT_AT_END;
	else if (pmt_parse_duration(when, &clock) == 0 && clock <= INT64_MAX)
		options->until = (int64_t)clock;
	else
		argp_error(state, "--at: '%s' is not end, peak or a number "
			   "of seconds", when);
}

static void
list_imports(struct argp_state *state, const struct cli_option *option,
	     char *arg)
{
	(void)option;
	(void)arg;
	((struct options *)state->input)->choice.fold_imports = false;
}

static void
set_format(struct argp_state *state, const struct cli_option *option,
	   char *name)
{
	struct options *options = state->input;

	(void)option;
	if (strcmp(name, "json") == 0)
		options->json = true;
	else if (strcmp(name, "csv") == 0)
		options->csv = true;
	else if (strcmp(name, "folded") == 0)
		options->folded = true;
	else if (strcmp(name, "gcc") == 0)
		options->gcc = options->json = true;
	else if (strcmp(name, "text") != 0)
		argp_error(state, "--format: '%s' is not text, json, csv, "
			   "folded or gcc", name);
}

static void
set_limit(struct argp_state *state, const struct cli_option *option,
	  char *arg)
{
	struct options *options = state->input;

	options->limit = cli_size(state, cli_option_name(state, option->key),
				  arg);
	options->has_limit = true;
}

static void
set_budget(struct argp_state *state, const struct cli_option *option,
	   char *arg)
{
	(void)option;
	cli_limits_set_budget(&((struct options *)state->input)->limits, state,
			      arg);
}

static void
add_leak_limit(struct argp_state *state, const struct cli_option *option,
	       char *arg)
{
	(void)option;
	cli_limits_add_leak(&((struct options *)state->input)->limits, state,
			    arg);
}

static void
set_output(struct argp_state *state, const struct cli_option *option,
	   char *path)
{
	struct options *options = state->input;

	if (options->out != NULL)
		argp_error(state, "%s: '%s' is to be written already: one at a "
			   "time", cli_option_name(state, option->key),
			   options->out);
#ifndef HAVE_SQLITE
	if (option->key == OPTION_SQLITE)
		argp_error(state, "--sqlite: pmt was built without SQLite");
#endif
	options->output = (enum output)option->min;
	options->out = path;
}

static const struct cli_word by_words[] = {
	{ "pid", OPTIONS_BY_PID }, { NULL, 0 },
};

#define FIELD(field) .offset = offsetof(struct options, field)

/* More than any log has, and other than what --top can ask for. */
#define TOP_NOT_GIVEN UINT64_MAX

static const struct cli_option fields[] = {
	{ 'b', CLI_TRUE, FIELD(brief) },
	{ 'l', CLI_LEVEL, FIELD(level) },
	{ OPTION_TOP, CLI_NUMBER, FIELD(choice.top), 0, TOP_NOT_GIVEN - 1 },
	{ OPTION_FULL_PATH, CLI_TRUE, FIELD(full_path) },
	{ OPTION_IMPORTS, CLI_CALL, .call = list_imports },
	{ OPTION_UNTRACKED, CLI_TRUE, FIELD(include_untracked) },
	{ OPTION_HISTORICAL, CLI_TRUE, FIELD(include_historical) },
	{ OPTION_RECURSE, CLI_TRUE, FIELD(recurse_files) },
	{ OPTION_JSON, CLI_TRUE, FIELD(json) },
	{ OPTION_CSV, CLI_TRUE, FIELD(csv) },
	{ OPTION_FOLDED, CLI_TRUE, FIELD(folded) },
	{ OPTION_FORMAT, CLI_CALL, .call = set_format },
	{ OPTION_PLOT, CLI_TEXT, FIELD(plot) },
	{ OPTION_HTML, CLI_CALL, .min = OUTPUT_HTML, .call = set_output },
	{ OPTION_PPROF, CLI_CALL, .min = OUTPUT_PPROF, .call = set_output },
	{ OPTION_SPEEDSCOPE, CLI_CALL, .min = OUTPUT_SPEEDSCOPE,
	  .call = set_output },
	{ OPTION_FLAMEGRAPH, CLI_CALL, .min = OUTPUT_FLAMEGRAPH,
	  .call = set_output },
	{ OPTION_MASSIF, CLI_CALL, .min = OUTPUT_MASSIF, .call = set_output },
	{ OPTION_PERFETTO, CLI_CALL, .min = OUTPUT_PERFETTO,
	  .call = set_output },
	{ OPTION_SQLITE, CLI_CALL, .min = OUTPUT_SQLITE, .call = set_output },
	{ OPTION_TEXT, CLI_TRUE, FIELD(text) },
	{ OPTION_GROUP_BY, CLI_WORDS, FIELD(choice.group_by),
	  .words = groupings },
	{ OPTION_SORT, CLI_WORD, FIELD(choice.order), .words = orders },
	{ OPTION_SINCE, CLI_DURATION, FIELD(since) },
	{ OPTION_UNTIL, CLI_DURATION, FIELD(until) },
	{ OPTION_AT, CLI_CALL, .call = set_at },
	{ OPTION_PATH_TO, CLI_TEXT, FIELD(path_to) },
	{ OPTION_DIFF, CLI_TRUE, FIELD(diff) },
	{ OPTION_COMPARE, CLI_TRUE, FIELD(compare) },
	{ OPTION_MERGE, CLI_TRUE, FIELD(merge) },
	{ OPTION_BY, CLI_WORD, FIELD(by), .words = by_words },
	{ OPTION_PER, CLI_TEXT, FIELD(per) },
	{ OPTION_LIMIT, CLI_CALL, .call = set_limit },
	{ OPTION_BUDGET, CLI_CALL, .call = set_budget },
	{ OPTION_FAIL_LEAK, CLI_CALL, .call = add_leak_limit },
	{ OPTION_FAIL_GROWTH, CLI_TRUE, FIELD(limits.growth) },
	{ OPTION_TYPE, CLI_CALL, .call = add_type },
	{ 0 },
};

/* Does the path end as the pictures that we can have drawn? */
static bool
is_picture(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && (strcmp(path + n - 4, ".png") == 0 ||
			 strcmp(path + n - 4, ".svg") == 0);
}

static void
check_command(struct argp_state *state, const struct options *options)
{
	if (options->json + options->csv + options->folded +
	    (options->plot != NULL) + (options->out != NULL) > 1)
		argp_error(state, "--json, --csv, --folded or a file: choose "
			   "one");
	if (options->plot != NULL && options->path_count > 1)
		argp_error(state, "--plot draws one log");
	if (options->output == OUTPUT_SQLITE && strcmp(options->out, "-") == 0)
		argp_error(state, "--sqlite: a database cannot be written to "
			   "standard output");
	if (options->out != NULL && options->output != OUTPUT_HTML &&
	    !options->compare && options->path_count > 1)
		argp_error(state, "'%s' is for one log", options->out);
	if (options->compare && options->path_count != 2)
		argp_error(state, "--compare takes two logs or directories");
	if (options->compare &&
	    (options->csv || options->gcc || options->folded ||
	     options->plot != NULL ||
	     (options->out != NULL && options->output != OUTPUT_HTML &&
	      options->output != OUTPUT_FLAMEGRAPH)))
		argp_error(state, "--compare prints text, JSON, a page or a "
			   "flame graph");
	if (options->merge && (options->compare || options->diff ||
			       options->csv || options->gcc ||
			       options->folded || options->plot != NULL ||
			       options->out != NULL))
		argp_error(state, "--merge prints text or JSON");
	if (options->merge && options->by == OPTIONS_BY_PID)
		argp_error(state, "--merge and --by exclude each other");
	if (!options->compare && (options->has_limit || options->per != NULL))
		argp_error(state, "--limit and --per belong to --compare");
	if (options_have_limits(options) &&
	    (options->compare || options->diff || options->text ||
	     options->output == OUTPUT_SQLITE))
		argp_error(state, "--budget, --fail-on-leak and "
			   "--fail-on-growth are for reports of logs");
	if (options->diff && options->path_count != 2)
		argp_error(state, "--diff compares two heap snapshots");
	if (options->plot != NULL && !is_picture(options->plot))
		argp_error(state, "--plot: '%s' must end in .png or .svg",
			   options->plot);
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_END:
		check_command(state, options);
		return 0;
	case ARGP_KEY_ARGS:
		options->paths = state->argv + state->next;
		options->path_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which log? Name one, or - for standard "
			   "input");
		return 0;
	}
	return cli_option_set(fields, key, arg, state, options);
}

static const struct argp argp = {
	option_table, parse_option, "LOG...",
	"Say where the memory of a Python program goes, from the logs of its "
	"tracers.\v"
	"A LOG of - is standard input.  Exit status: 0, all was read; 1, "
	"something was not, or exceeds a limit; 2, wrong usage.",
	NULL, NULL, NULL
};

void
options_parse(int argc, char **argv, struct options *options)
{
	uint64_t *top = &options->choice.top;

	*options = (struct options){
		.level = LEVEL_WARNING, .choice.top = TOP_NOT_GIVEN,
		.choice.fold_imports = true,
		.since = INT64_MIN, .until = INT64_MAX,
		.utf8 = cli_utf8(), .colour = cli_colour(stdout),
	};
	cli_parse(&argp, argc, argv, 0, options);
	if (*top == TOP_NOT_GIVEN)
		*top = (options->json && !options->gcc) || options->csv
			       ? 0 : 10;
	if ((options->json && !options->gcc) || options->csv)
		options->choice.fold_imports = false;
	if (*top == 0)
		*top = UINT64_MAX;
}
