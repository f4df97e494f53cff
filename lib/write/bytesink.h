/* SPDX-License-Identifier: MIT */
/* bytesink.h - how does a row get into a log so that even a kill loses none? */
#ifndef PMT_BYTESINK_H
#define PMT_BYTESINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "log/column.h"
#include "log/encoding.h"
#include "log/logtail.h"

/*
 * A log is written through a fixed buffer that is touched once when the log is
 * opened, so that logging never changes the RSS that it logs.  The buffer is a
 * shared mapping of a second file, LOG.tail, which the kernel keeps when the
 * process dies: whoever opens the log later finds there what the last write(2)
 * left out (see logtail.h for its layout).  A log that was closed has no
 * tail file.  Where no tail can be had (read-only directory, full disk) the
 * buffer is plain memory and a kill loses at most its content.
 *
 * Rows that cannot be written (full disk) are dropped whole and counted, and
 * writing is tried again with the next buffer: the program goes on.
 *
 * No locks: the caller has one.  A forked child must call
 * pmt_logwrite_abandon() before anything else.
 */
struct pmt_logwrite {
	char *next;		/* where the next row goes */
	char *end;		/* of the buffer */
	char *buffer;
	struct pmt_logtail *tail;	/* the mapping: header, then buffer */
	char *path;
	char *tail_path;	/* NULL: no tail file */
	struct pmt_compact *compact;	/* NULL: rows are text */
	struct pmt_summary *summary;	/* not NULL: no rows, no buffer */
	int fd;
	bool regular;		/* a file that keeps what is written */
	uint64_t limit;		/* bytes; 0: none */
	bool ring;		/* at half of the limit, begin anew */
	bool full;		/* the limit is reached */
	uint64_t left_out;	/* rows, since then */
	uint64_t mark;		/* where a new half's first bytes stand */
	char *beginning;	/* those bytes */
	size_t beginning_size;
	int error;		/* errno of the first failure, or 0 */
	uint64_t lost;		/* rows dropped */
	struct pmt_steady seconds, rss, d_rss;	/* in the row before */
	uint64_t device, inode;	/* the log's, to notice a foreign fd */
};

enum { PMT_LOGWRITE_BUFFER = 128 * 1024 };	/* bytes */

/*
 * Create the log PATH, or truncate it; with EXCLUSIVE an existing file is an
 * error.  Rows may be compact (compactwrite.h), or be no more than counted
 * (summary.h): such a log has no limit, no tail and nothing but the rows of
 * referencelog.h.  On success *out is the caller's to close.  Returns 0 or
 * -errno.
 */
int pmt_logwrite_open(const char *path, bool exclusive,
		      enum pmt_encoding encoding,
		      struct pmt_logwrite **out) PMT_MUST_CHECK;

/*
 * Write a text log to FD, a pipe or file of the caller's, who closes it after
 * the log.  Returns 0 or -ENOMEM.
 */
int pmt_logwrite_open_fd(int fd, struct pmt_logwrite **out) PMT_MUST_CHECK;

/*
 * Write LIMIT bytes, give or take half a buffer; the program goes on, and rows
 * that are left out are counted.  With RING keep the last LIMIT bytes instead:
 * when the log has half of them it becomes LOG.older, in the place of the one
 * before, and a new half begins.  To be called right after the open.
 */
void pmt_logwrite_limit(struct pmt_logwrite *log, uint64_t limit, bool ring);

/*
 * What is written between these calls, the header, begins every half.
 */
void pmt_logwrite_mark(struct pmt_logwrite *log);
void pmt_logwrite_begun(struct pmt_logwrite *log);

/* Is there room for a row?  If not it is counted as left out. */
static inline bool
pmt_logwrite_takes(struct pmt_logwrite *log)
{
	if (pmt_likely(!log->full))
		return true;
	log->left_out++;
	return false;
}

/*
 * Hand what is buffered to the kernel, or write the summary.  Failures show in
 * lost and error.
 */
void pmt_logwrite_flush(struct pmt_logwrite *log);

/*
 * Room for SIZE bytes that will be one row, or NULL if SIZE is beyond the
 * buffer.  Ends with pmt_logwrite_commit(); until then nothing is logged.
 */
static inline char *
pmt_logwrite_reserve(struct pmt_logwrite *log, size_t size)
{
	if (pmt_unlikely((size_t)(log->end - log->next) < size)) {
		pmt_logwrite_flush(log);
		if (size > PMT_LOGWRITE_BUFFER)
			return NULL;
	}
	return log->next;
}

/* The row that was begun ends at END. */
static inline void
pmt_logwrite_commit(struct pmt_logwrite *log, char *end)
{
	log->next = end;
	atomic_store_explicit(&log->tail->used, (uint64_t)(end - log->buffer),
			      memory_order_release);
}

/* What was to be entered in the summary gave ERR: 0, or it is lost. */
static inline void
pmt_logwrite_entered(struct pmt_logwrite *log, int err)
{
	if (pmt_likely(err == 0))
		return;
	log->lost++;
	log->error = -err;
}

/* Log SIZE bytes, however many. */
void pmt_logwrite_append(struct pmt_logwrite *log, const char *text,
			 size_t size);

/*
 * Log the opening MESSAGE, line by line.  It is not escaped, but a line "SOF"
 * becomes "\123OF": it must not be taken for the start of the log.
 */
void pmt_logwrite_message(struct pmt_logwrite *log, const char *message);

/* Write SIZE bytes, which are no row, at once; after what is buffered. */
void pmt_logwrite_raw(struct pmt_logwrite *log, const void *bytes,
		      size_t size);

/* The log's last row: EOF. */
void pmt_logwrite_end(struct pmt_logwrite *log);

/*
 * Write all, close the log and remove its tail.  LAST_WORDS are put at the end
 * of the file, over its last rows if there is no room left for them, when rows
 * were lost and they are text; NULL for none.  Returns 0 or -errno of the
 * first failure.
 */
int pmt_logwrite_close(struct pmt_logwrite *log, const char *last_words);

/* In a forked child: let go of the parent's log without touching it. */
void pmt_logwrite_abandon(struct pmt_logwrite *log);

#endif
