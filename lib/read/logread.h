/* SPDX-License-Identifier: MIT */
/* logread.h - the events of a log, one after the other, whoever wrote it. */
#ifndef PMT_LOGREAD_H
#define PMT_LOGREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "books/sites.h"
#include "log/what.h"

enum pmt_log_kind {
	PMT_LOG_UNKNOWN,
	PMT_LOG_REFERENCE,	/* objects created and destroyed */
	PMT_LOG_PROFILE,	/* calls or lines, with the memory they took */
};

enum pmt_row {
	PMT_ROW_NEW,
	PMT_ROW_DEL,
	PMT_ROW_FRST,
	PMT_ROW_NEXT,
	PMT_ROW_PREV,
	PMT_ROW_LAST,
	PMT_ROW_MSG,
	PMT_ROW_ERR,
	PMT_ROW_PROBLEM,	/* no event: what is wrong with the log */
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
	uint32_t site;		/* of TYPE, FILE, LINE and FUNCTION */
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

struct pmt_log;

/*
 * Open the log at PATH, or standard input for "-", and read up to its header.
 * Names go to SITES, which several logs may share.  A file that is no log opens
 * too: its only event is a problem.  Returns 0 or -errno.
 */
int pmt_log_open(const char *path, struct pmt_sites *sites,
		 struct pmt_log **log) PMT_MUST_CHECK;
void pmt_log_close(struct pmt_log *log);

/*
 * The next event.  Returns 1, 0 at the end, or -errno when reading failed.
 * Whatever can be read is delivered: broken rows and a missing end come as
 * problems, in their place, and do not stop it.
 */
int pmt_log_next(struct pmt_log *log, struct pmt_event *event) PMT_MUST_CHECK;

/*
 * The next events, at most ROOM, which is not 0: how many, 0 at the end, or
 * -errno.  Messages and problems come alone, so that their text lasts until
 * the next call, and no event waits for those behind it to be written.
 */
int pmt_log_read(struct pmt_log *log, struct pmt_event *events, size_t room)
	PMT_MUST_CHECK;

enum pmt_log_kind pmt_log_kind(const struct pmt_log *log);

/* Was its EOF read?  Else it is torn, or not read to the end yet. */
bool pmt_log_ended(const struct pmt_log *log);

/* Has this log the column?  E.g. is there a Size to rank by? */
bool pmt_log_has(const struct pmt_log *log, enum pmt_log_column column);

/* The lines before the first row, as they stand, without the last newline. */
struct pmt_text pmt_log_introduction(const struct pmt_log *log);

/* How much was read, of how much (0: unknown), for a line of progress. */
uint64_t pmt_log_bytes(const struct pmt_log *log);
uint64_t pmt_log_size(const struct pmt_log *log);

/* "CALL", "C_RETURN" and so on; "?" for what is unknown. */
const char *pmt_what_name(enum pmt_what what);

#endif
