/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/options.h"

#include <stdlib.h>
#include <string.h>

#include "analyse/level.h"
#include "cli/cli.h"

enum {
	OPTION_FULL_PATH = 256,
	OPTION_UNTRACKED,
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
	OPTION_PLOT,
	OPTION_TEXT,
};

static const struct argp_option option_table[] = {
	{ NULL, 0, NULL, 0, "What to show:", 1 },
	{ "brief", 'b', NULL, 0, "Only where it leaks or grows, no lists", 0 },
	{ "top", 'n', "N", 0, "The first N of each table [10]; 0: all", 0 },
	{ "group-by", OPTION_GROUP_BY, "WORDS", 0, "Add up by type, site, "
	  "file, function, in profiles also line, path [type,site; all but "
	  "type]", 0 },
	{ "sort", OPTION_SORT, "KEY", 0, "By count or name; reference logs: "
	  "bytes, made, first, last [bytes if known, else count]; profiles: "
	  "net, grown, released [net]", 0 },
	{ "type", OPTION_TYPE, "GLOB", 0, "Only types like this (repeatable)",
	  0 },
	{ "since", OPTION_SINCE, "CLOCK", 0, "Only what was made from this "
	  "clock on, e.g. 1.5", 0 },
	{ "until", OPTION_UNTIL, "CLOCK", 0, "As if the log ended at this "
	  "clock", 0 },
	{ "full-path", OPTION_FULL_PATH, NULL, 0, "File names with their "
	  "folders", 0 },
	{ NULL, 0, NULL, 0, "Only in reference logs:", 2 },
	{ "include-untracked", OPTION_UNTRACKED, NULL, 0, "Also objects "
	  "destroyed whose creation is not in the log", 0 },
	{ "include-historical", OPTION_HISTORICAL, NULL, 0, "Also each object "
	  "that was created and destroyed", 0 },
	{ "recurse-files", OPTION_RECURSE, NULL, 0, "Also read the logs of "
	  "inner tracers that a log names", 0 },
	{ NULL, 0, NULL, 0, "How:", 3 },
	{ "json", OPTION_JSON, NULL, 0, "Print JSON, an array of one object a "
	  "log", 0 },
	{ "csv", OPTION_CSV, NULL, 0, "Print the tables as comma-separated "
	  "values", 0 },
	{ "folded", OPTION_FOLDED, NULL, 0, "Print the call paths of a profile "
	  "with the bytes each grew by, for flame graphs", 0 },
	{ "plot", OPTION_PLOT, "FILE", 0, "Have gnuplot draw the memory of a "
	  "profile over time, as FILE.png or FILE.svg", 0 },
	{ "text", OPTION_TEXT, NULL, 0, "Print the log itself as text, a "
	  "compact one too", 0 },
	{ "log-level", 'l', "LEVEL", 0, "Messages from this level on: debug, "
	  "info, warning, error, critical or 10 to 50 [warning]", 0 },
	{ "log_level", 0, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0 },
	{ 0 }
};

struct word {
	const char *name;
	int value;
};

static int
find_word(struct argp_state *state, const char *option, const char *arg,
	  size_t length, const struct word *words)
{
	for (const struct word *word = words; word->name != NULL; word++)
		if (strlen(word->name) == length &&
		    memcmp(word->name, arg, length) == 0)
			return word->value;
	argp_error(state, "%s: '%.*s' is none of its words", option,
		   (int)length, arg);
	return 0;
}

static int
parse_level(struct argp_state *state, const char *arg)
{
	static const struct word words[] = {
		{ "debug", LEVEL_DEBUG }, { "info", LEVEL_INFO },
		{ "warning", LEVEL_WARNING }, { "error", LEVEL_ERROR },
		{ "critical", LEVEL_CRITICAL }, { NULL, 0 },
	};

	if (arg[0] >= '0' && arg[0] <= '9')
		return (int)cli_count(state, "--log-level", arg, 0, 1000);
	return find_word(state, "--log-level", arg, strlen(arg), words);
}

static unsigned
parse_group_by(struct argp_state *state, const char *arg)
{
	static const struct word words[] = {
		{ "type", PMT_GROUP_TYPE }, { "site", PMT_GROUP_SITE },
		{ "file", PMT_GROUP_FILE }, { "function", PMT_GROUP_FUNCTION },
		{ "line", PMT_GROUP_LINE }, { "path", PMT_GROUP_PATH },
		{ NULL, 0 },
	};
	unsigned group_by = 0;
	size_t length;

	do {
		length = strcspn(arg, ",");
		group_by |= (unsigned)find_word(state, "--group-by", arg,
						length, words);
		arg += length;
	} while (*arg++ == ',');
	return group_by;
}

static enum pmt_order
parse_sort(struct argp_state *state, const char *arg)
{
	static const struct word words[] = {
		{ "count", PMT_ORDER_COUNT }, { "bytes", PMT_ORDER_BYTES },
		{ "made", PMT_ORDER_MADE }, { "first", PMT_ORDER_FIRST },
		{ "last", PMT_ORDER_LAST }, { "name", PMT_ORDER_NAME },
		{ "net", PMT_ORDER_NET }, { "grown", PMT_ORDER_GROWN },
		{ "released", PMT_ORDER_RELEASED }, { NULL, 0 },
	};

	return (enum pmt_order)find_word(state, "--sort", arg, strlen(arg),
					words);
}

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
	if (options->json + options->csv + options->folded > 1)
		argp_error(state, "--json, --csv and --folded: choose one");
	if (options->plot != NULL && options->path_count > 1)
		argp_error(state, "--plot draws one log");
	if (options->plot != NULL && !is_picture(options->plot))
		argp_error(state, "--plot: '%s' must end in .png or .svg",
			   options->plot);
}

static void
add_type(struct pmt_choice *choice, char *glob)
{
	choice->types = cli_need(realloc(choice->types,
				     (choice->type_count + 1) *
				     sizeof(*choice->types)));
	choice->types[choice->type_count++] = glob;
}

struct parse {
	struct options *options;
	bool top_given;
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct options *options = parse->options;

	switch (key) {
	case 'b':
		options->brief = true;
		break;
	case 'n':
		options->choice.top = cli_count(state, "--top", arg, 0,
						UINT64_MAX);
		if (options->choice.top == 0)
			options->choice.top = UINT64_MAX;
		parse->top_given = true;
		break;
	case 'l':
		options->level = parse_level(state, arg);
		break;
	case OPTION_FULL_PATH:
		options->full_path = true;
		break;
	case OPTION_UNTRACKED:
		options->include_untracked = true;
		break;
	case OPTION_HISTORICAL:
		options->include_historical = true;
		break;
	case OPTION_RECURSE:
		options->recurse_files = true;
		break;
	case OPTION_JSON:
		options->json = true;
		break;
	case OPTION_CSV:
		options->csv = true;
		break;
	case OPTION_FOLDED:
		options->folded = true;
		break;
	case OPTION_PLOT:
		options->plot = arg;
		break;
	case OPTION_TEXT:
		options->text = true;
		break;
	case OPTION_GROUP_BY:
		options->choice.group_by = parse_group_by(state, arg);
		break;
	case OPTION_SORT:
		options->choice.order = parse_sort(state, arg);
		break;
	case OPTION_SINCE:
		options->since = (int64_t)cli_duration(state, "--since", arg);
		break;
	case OPTION_UNTIL:
		options->until = (int64_t)cli_duration(state, "--until", arg);
		break;
	case OPTION_TYPE:
		add_type(&options->choice, arg);
		break;
	case ARGP_KEY_END:
		check_command(state, options);
		break;
	case ARGP_KEY_ARGS:
		options->paths = state->argv + state->next;
		options->path_count = (size_t)(state->argc - state->next);
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which log? Name one, or - for standard "
			   "input");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	option_table, parse_option, "LOG...",
	"Say where the memory of a Python program goes, from the logs of its "
	"tracers.\v"
	"A LOG of - is standard input.  Exit status: 0, all was read; 1, "
	"something was not; 2, wrong usage.",
	NULL, NULL, NULL
};

void
options_parse(int argc, char **argv, struct options *options)
{
	struct parse parse = { .options = options };

	*options = (struct options){
		.level = LEVEL_WARNING, .choice.top = 10,
		.since = INT64_MIN, .until = INT64_MAX,
		.utf8 = cli_utf8(), .colour = cli_colour(stdout),
	};
	argp_parse(&argp, argc, argv, 0, NULL, &parse);
	if ((options->json || options->csv) && !parse.top_given)
		options->choice.top = UINT64_MAX;
}
