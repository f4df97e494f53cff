/* SPDX-License-Identifier: MIT */
/* analyse.h - what the files of pmt-analyse offer each other. */
#ifndef ANALYSE_H
#define ANALYSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "books/leakgroups.h"
#include "books/leaks.h"
#include "cli/cli.h"
#include "log/sites.h"
#include "read/logread.h"

/* How grave a message is: the numbers of Python's logging. */
enum level {
	LEVEL_DEBUG = 10,
	LEVEL_INFO = 20,
	LEVEL_WARNING = 30,
	LEVEL_ERROR = 40,
	LEVEL_CRITICAL = 50,
};

struct options {
	bool full_path;
	bool include_untracked;
	bool include_historical;
	bool recurse_files;
	bool brief;
	bool json;
	bool csv;
	bool folded;
	const char *plot;	/* a picture's path, or NULL */
	bool text;		/* print the log itself */
	bool utf8;
	bool colour;
	int level;
	struct pmt_choice choice;
	int64_t since, until;	/* nanoseconds of the log's clock */
};

/* Their memory fits the processor's first cache. */
#define READ_AT_ONCE 64

/* A log being read, and what there is to say about it on the way. */
struct reading {
	const char *path;
	const struct options *options;
	struct pmt_sites *sites;
	struct pmt_log *log;
	char *tracer;		/* what it says of itself, or NULL */
	uint64_t rows;
	int64_t first_clock, last_clock;
	bool failed;		/* torn, foreign or not readable */
	bool interrupted;	/* by a signal, before its end */
	bool cut;		/* an error is the last that it tells of */
	uint64_t said[LEVEL_CRITICAL / 10 + 1];
	json_t *problems;	/* NULL unless they go to JSON too */
	struct pmt_event events[READ_AT_ONCE];
	int count, next;	/* of these: read, and the one to hand out */
};

/* How often a message of one level is repeated before we just count. */
#define SAY_AT_MOST 3

/* Open the log at PATH.  Returns false, after a message, when it cannot be. */
bool reading_open(struct reading *reading, const char *path,
		  const struct options *options, struct pmt_sites *sites);

/*
 * The next event until options->until, a signal, or the end; problems of the
 * log are reported in passing.  It lasts until the next call.  Returns NULL at
 * the end.
 */
const struct pmt_event *reading_next(struct reading *reading);

/* An event that will come some calls later, or NULL if none is known. */
const struct pmt_event *reading_ahead(const struct reading *reading);

/* Say something about LINE of the log, if options->level lets it through. */
void reading_say(struct reading *reading, enum level level, uint64_t line,
		 const char *format, ...) PMT_PRINTF(4, 5);

/* Were we told to stop while printing?  Else print what there is. */
bool reading_ends_lists(const struct reading *reading);

void reading_close(struct reading *reading);

/* Read a whole reference log and print it, or append it to LIST. */
bool analyse_reference(struct reading *reading, json_t *list);

/*
 * If a file of the command line is a snapshot of tracemalloc, whose options are
 * its own, become the program that reads them.
 */
void analyse_snapshots(char **argv);

/* Print any log as text, a compact one as what would have been written. */
bool dump_log(struct reading *reading);

/* As options->choice wants them, for the caller to free. */
struct pmt_groups make_groups(const struct reading *reading,
			      const struct pmt_leaks *leaks);

void print_reference(const struct reading *reading,
		     const struct pmt_leaks *leaks);
json_t *json_reference(const struct reading *reading,
		       const struct pmt_leaks *leaks);
void csv_reference(const struct reading *reading,
		   const struct pmt_leaks *leaks);

/* Read a whole profile or trace and print it, or append it to LIST. */
bool analyse_profile(struct reading *reading, json_t *list);

/* The lines above the numbers: path, opening message. */
void print_heading(const struct reading *reading);

/* Memory that a program cannot go on without. */
void *need(void *memory);

#endif
