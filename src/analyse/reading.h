/* SPDX-License-Identifier: MIT */
/* reading.h - which event of a log is next, and what is wrong with the log? */
#ifndef ANALYSE_READING_H
#define ANALYSE_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyse/level.h"
#include "analyse/options.h"
#include "log/sites.h"
#include "read/logread.h"

/* Their memory fits the processor's first cache. */
#define READ_AT_ONCE 64

/* Problems kept for a report; all are counted, and said as they come. */
#define PROBLEMS_MAX 1000

struct problem {
	uint64_t line;
	char *text;
};

/* Of a log and of those that it names. */
struct problems {
	struct problem list[PROBLEMS_MAX];
	size_t count;
};

/* A log being read, and what there is to say about it on the way. */
struct reading {
	const char *path;
	const struct options *options;
	struct pmt_sites *sites;
	struct pmt_log *log;
	char *tracer;		/* what it says of itself, or NULL */
	char *messages;		/* the opening ones, with inner logs' */
	uint64_t rows;
	uint64_t units;		/* messages like options->per */
	int64_t first_clock, last_clock;
	bool failed;		/* torn, foreign or not readable */
	bool interrupted;	/* by a signal, before its end */
	bool cut;		/* an error is the last that it tells of */
	uint64_t said[LEVEL_CRITICAL / 10 + 1];
	struct problems *problems;	/* the caller's */
	struct pmt_event events[READ_AT_ONCE];
	int count, next;	/* of these: read, and the one to hand out */
};

/* How often a message of one level is repeated before we just count. */
#define SAY_AT_MOST 3

/*
 * Open the log at PATH; what is wrong with it is added to PROBLEMS.  Returns
 * false, after a message, when it cannot be opened.
 */
bool reading_open(struct reading *reading, const char *path,
		  const struct options *options, struct pmt_sites *sites,
		  struct problems *problems);

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

/* The opening message goes on with that of INNER, a log it names. */
void reading_add_message(struct reading *reading, const struct reading *inner);

/* The opening message of the log and of those read with it. */
struct pmt_text reading_message(const struct reading *reading);

/* Were we told to stop while printing?  Else print what there is. */
bool reading_ends_lists(const struct reading *reading);

void reading_close(struct reading *reading);

void problems_free(struct problems *problems);

#endif
