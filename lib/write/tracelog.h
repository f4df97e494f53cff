/* SPDX-License-Identifier: MIT */
/* tracelog.h - what does every tracer's log say, from its first to its last? */
#ifndef PMT_TRACELOG_H
#define PMT_TRACELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "sample/clock.h"
#include "sample/footprint.h"
#include "sample/sampler.h"
#include "sample/trigger.h"
#include "write/logfile.h"

/* What is asked of a log; strings are borrowed until it is closed. */
struct pmt_tracelog_options {
	struct pmt_logfile_options file;
	const char *message;	/* before the log; UTF-8, or NULL */
	unsigned int columns;	/* enum pmt_reference_columns */
	enum pmt_rss_mode rss;
	uint64_t interval;	/* ns between flushes; 0: a second */
	bool summary;		/* flushed at intervals only, or when told */
	/* Tells of Python's allocator; NULL: the log notes no memory. */
	void (*memory)(struct pmt_memory *memory);
	const struct pmt_trigger *numbers;	/* of events; NULL: has none */
};

/*
 * The log of one block, with the clock and the sampler that its rows need; two
 * that ask for RSS in the same way share a sampler.  What goes wrong with a log
 * is an ERR row in it, so that no reader takes it for whole.
 *
 * The caller has a lock for each log, and one for all during _open(), _close(),
 * _fini() and _unused().  All zeroes is a log that was never opened.
 */
struct pmt_tracelog {
	struct pmt_tracelog *next;	/* of the logs that are open */
	bool listed;			/* it is one of them */
	struct pmt_tracelog_options options;
	struct pmt_logfile file;
	struct pmt_clock clock;
	struct pmt_sampler *sampler;	/* NULL: none is open */
	uint64_t reads_before;		/* of statm, for the logs before */
	struct pmt_footprint_watch watch;	/* never due without memory */
	uint64_t told;			/* rows lost that the log tells of */
};

/*
 * *unused: PATH, or PATH.1, PATH.2, if a log that is open has it, see
 * pmt_logfile_unused().  Takes the path of each, so the lock of each.
 */
int pmt_tracelog_unused(const char *path, char **unused) PMT_MUST_CHECK;

/*
 * Open LOG, which is not open, at PATH as for pmt_logfile_open(), and the
 * sampler.  A forked child finds it inherited.  Returns 0 or -errno; *failed is
 * then the path (the caller's to free), or NULL.
 */
int pmt_tracelog_open(struct pmt_tracelog *log,
		      const struct pmt_tracelog_options *options,
		      const char *path, char **failed) PMT_MUST_CHECK;

/*
 * The clock starts, and the log begins: the header, a MSG row in which the
 * tracer speaks of itself, one of the log that a fork left behind, and one of
 * memory.  FORMAT as in printf(3).  The caller puts what else begins its log,
 * and flushes it: should the disk fill up, readers still learn what the rows
 * mean.
 */
void pmt_tracelog_begin(struct pmt_tracelog *log, const char *format, ...)
	PMT_PRINTF(2, 3);

/*
 * In the child of a fork, with the first thing to say: a log of its own, which
 * is to be begun.  Returns 0, or -errno: there is none, and will be none.
 */
int pmt_tracelog_open_inherited(struct pmt_tracelog *log) PMT_MUST_CHECK;

/* A MSG row, or with ERROR an ERR row, if there is a log; printf(3). */
void pmt_tracelog_note(struct pmt_tracelog *log, bool error,
		       const char *format, ...) PMT_PRINTF(3, 4);

/* A MSG row of SIZE bytes of UTF-8, if there is a log. */
void pmt_tracelog_message(struct pmt_tracelog *log, const char *text,
			  size_t size);

/* The same without what stands before the text; compact logs have that. */
void pmt_tracelog_line(struct pmt_tracelog *log, const char *text,
		       size_t size);

/* A MSG row that tells where memory is, if the log does so at all. */
void pmt_tracelog_note_memory(struct pmt_tracelog *log,
			      enum pmt_moment moment);

/* The process is about to leave by _exit(2): have all open logs tell that. */
void pmt_tracelog_leave(void);

/* For the inline function below: an ERR row tells of rows that were lost. */
void pmt_tracelog_tell_losses(struct pmt_tracelog *log);

/* After a row, at TICKS.  True if what was written before was handed over. */
static inline bool
pmt_tracelog_after_row(struct pmt_tracelog *log, uint64_t ticks)
{
	if (pmt_unlikely(log->file.log->lost != log->told))
		pmt_tracelog_tell_losses(log);
	if (pmt_footprint_is_due(&log->watch, log->sampler->rss))
		pmt_tracelog_note_memory(log, PMT_MOMENT_GROWTH);
	return pmt_logfile_flush_old(&log->file, ticks);
}

/*
 * Tell of memory and of what is missing, end the log and close it, and the
 * sampler.  The path stays.  Returns 0 or -errno of the first write that
 * failed.
 */
int pmt_tracelog_close(struct pmt_tracelog *log);

/* Close what is open, and forget the path. */
void pmt_tracelog_fini(struct pmt_tracelog *log);

#endif
