/* SPDX-License-Identifier: MIT */
/* options.h - what does the command line of pmt-analyse ask for? */
#ifndef ANALYSE_OPTIONS_H
#define ANALYSE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "books/leakgroups.h"
#include "cli/limits.h"

/* Reports with a file of their own, options->out. */
enum output {
	OUTPUT_NONE,
	OUTPUT_PPROF,
	OUTPUT_SPEEDSCOPE,
	OUTPUT_FLAMEGRAPH,
	OUTPUT_MASSIF,
	OUTPUT_PERFETTO,
	OUTPUT_SQLITE,
	OUTPUT_HTML,		/* the only one that several logs share */
};

enum { OPTIONS_BY_NOTHING, OPTIONS_BY_PID };

struct options {
	bool full_path;
	bool include_untracked;
	bool include_historical;
	bool recurse_files;
	bool brief;
	bool json;
	bool csv;
	bool folded;
	bool gcc;		/* lines for editors, made of what is JSON */
	const char *plot;	/* a picture's path, or NULL */
	enum output output;
	const char *out;	/* its path; "-": standard output */
	bool text;		/* print the log itself */
	const char *path_to;	/* of a heap: a type or address, or NULL */
	bool diff;		/* of two heaps */
	bool compare;		/* two logs or directories of logs */
	bool call_paths;	/* are wanted in JSON, all of them */
	bool merge;		/* all logs in one report */
	int by;			/* what has a report of its own */
	const char *per;	/* "second" or a glob of messages, or NULL */
	bool has_limit;
	uint64_t limit;		/* of what may rise in a comparison */
	struct cli_limits limits;	/* of each log */
	bool utf8;
	bool colour;
	int level;		/* enum level, or a number between */
	struct pmt_choice choice;
	int64_t since, until;	/* nanoseconds of the log's clock */
	char **paths;		/* argv's */
	size_t path_count;
	size_t log_count;	/* that a page is about */
};

/*
 * Read the command line, or end the program as --help and mistakes do.  The
 * caller frees options->choice.types and options->limits.
 */
void options_parse(int argc, char **argv, struct options *options);

static inline bool
options_have_limits(const struct options *options)
{
	return options->limits.budget != 0 || options->limits.growth ||
	       options->limits.leak_count > 0;
}

#endif
