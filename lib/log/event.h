/* SPDX-License-Identifier: MIT */
/* event.h - what does one row of a log say, whoever wrote it? */
#ifndef PMT_EVENT_H
#define PMT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "log/tag.h"
#include "log/what.h"

enum pmt_log_kind {
	PMT_LOG_UNKNOWN,
	PMT_LOG_REFERENCE,	/* objects created and destroyed */
	PMT_LOG_PROFILE,	/* calls or lines, with the memory they took */
	PMT_LOG_ALLOCATION,	/* blocks of malloc and mmap */
};

/* The columns that a log can have; its header says which it has. */
enum pmt_log_column {
	PMT_COLUMN_UNKNOWN,
	PMT_COLUMN_EVENT,
	PMT_COLUMN_D_EVENT,
	PMT_COLUMN_CLOCK,
	PMT_COLUMN_WHAT,
	PMT_COLUMN_ADDRESS,
	PMT_COLUMN_LIVE,
	PMT_COLUMN_TYPE,
	PMT_COLUMN_FILE,
	PMT_COLUMN_LINE,
	PMT_COLUMN_FUNCTION,
	PMT_COLUMN_RSS,
	PMT_COLUMN_D_RSS,
	PMT_COLUMN_THREAD,
	PMT_COLUMN_WALL,
	PMT_COLUMN_SIZE,
	PMT_COLUMN_OWN,
	PMT_COLUMN_STACK,
};

/*
 * One row.  A field means something only when HAS has its bit (1 << column),
 * and is not even set otherwise:
 * messages have no site, and the first d_rss of files by pymemtrace is not a
 * difference to anything, so that bit is clear there.
 */
struct pmt_event {
	enum pmt_row row;
	enum pmt_what what;
	unsigned has;
	uint32_t site;		/* of TYPE, FILE, LINE, FUNCTION, OWN, STACK */
	uint64_t line;		/* of the log, from 1 */
	int64_t clock;		/* CPU time, nanoseconds */
	uint64_t address;
	int64_t live;
	int64_t rss;
	int64_t d_rss;
	int64_t thread;
	int64_t wall;		/* since 1970, nanoseconds */
	int64_t size;
	uint64_t event;
	int64_t d_event;
	struct pmt_text text;	/* of messages and problems; until the next */
};

#define PMT_HAS(e, column) (((e)->has >> PMT_COLUMN_##column & 1) != 0)

#endif
