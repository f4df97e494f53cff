/* SPDX-License-Identifier: MIT */
/* bytesink.h - how does a row get into a log so that even a kill loses none? */
#ifndef PMT_BYTESINK_H
#define PMT_BYTESINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "log/logtail.h"
#include "write/buffer.h"
#include "log/logfd.h"
#include "write/recorder.h"
#include "write/ring.h"

/*
 * A log is written through a fixed buffer that is touched once when the log is
 * opened, so that logging never changes the RSS that it logs.  The buffer is a
 * shared mapping of a second file, LOG.tail, which the kernel keeps when the
 * process dies: whoever opens the log later finds there what the last write(2)
 * left out (see logtail.h for its layout).  A log that was closed has no
 * tail file.  Where no tail can be had (read-only directory, full disk) the
 * buffer is plain memory and a kill loses at most its content.
 *
 * To make and to remove a tail takes longer than a short log.  A log that is
 * flushed after each row needs none: until it settles its buffer is plain
 * memory, which the next such log of the process takes over.
 *
 * A forked child that only ends leaves no log: a late one has its rows in
 * memory until it settles, is closed, or they are more than the buffer takes.
 *
 * Rows that cannot be written (full disk) are dropped whole and counted, and
 * writing is tried again with the next buffer: the program goes on.
 *
 * It knows bytes only.  What a row is, is the business of those who embed a
 * sink as the first member of theirs: textlog.h, compactlog.h.
 */
struct pmt_bytesink {
	struct pmt_recorder recorder;	/* whose rows, and what was lost */
	char *next;		/* where the next row goes */
	char *end;		/* of the buffer */
	char *buffer;
	struct pmt_logtail *tail;	/* the mapping: header, then buffer */
	const struct pmt_blocks *blocks;	/* NULL: rows are lines */
	struct pmt_logfd file;
	char *path;
	char *tail_path;	/* NULL: no tail file */
	struct pmt_ring ring;
	bool full;		/* the limit is reached */
	bool late;		/* there is no file yet */
	bool exclusive;		/* it must be a new one */
	uint64_t last;		/* where the last write began, in the file */
};

/* For rows that are written in blocks, each of them whole or not at all. */
struct pmt_blocks {
	/* Complete the block in the buffer; returns the rows in it. */
	uint32_t (*seal)(struct pmt_bytesink *sink);
	/* Begin the next one. */
	void (*start)(struct pmt_bytesink *sink);
};

/*
 * Create the log PATH, or truncate it.  With a ring the log becomes LOG.older,
 * in the place of the one before, when it has half of its limit, and a new half
 * begins.  SINK is zeroed memory.  On success it is the caller's to close or
 * abandon.  Returns 0 or -errno.
 */
int pmt_bytesink_open(struct pmt_bytesink *sink, const char *path,
		      const struct pmt_recorder_options *options)
	PMT_MUST_CHECK;

/*
 * Write to FD, a pipe or file of the caller's, who closes it after the sink.
 * Returns 0 or -errno.
 */
int pmt_bytesink_open_fd(struct pmt_bytesink *sink, int fd) PMT_MUST_CHECK;

/* Each half of a ring begins with these SIZE bytes; call before any row. */
void pmt_bytesink_begin(struct pmt_bytesink *sink, const char *bytes,
			size_t size);

/* Is there room for a row?  If not it is counted as left out. */
static inline bool
pmt_bytesink_takes(struct pmt_bytesink *sink)
{
	if (pmt_likely(!sink->full))
		return true;
	sink->recorder.left_out++;
	return false;
}

/* Hand what is buffered to the kernel, unless the log is late. */
void pmt_bytesink_flush(struct pmt_bytesink *sink);

/* The same in any case: make the file if there is none yet. */
void pmt_bytesink_empty(struct pmt_bytesink *sink);

/* The same, and from now on a kill loses nothing that is not flushed. */
void pmt_bytesink_settle(struct pmt_bytesink *sink);

/*
 * Room for SIZE bytes that will be one row, or NULL if SIZE is beyond the
 * buffer.  Ends with pmt_bytesink_commit(); until then nothing is logged.
 */
static inline char *
pmt_bytesink_reserve(struct pmt_bytesink *sink, size_t size)
{
	if (pmt_unlikely((size_t)(sink->end - sink->next) < size)) {
		pmt_bytesink_empty(sink);
		if ((size_t)(sink->end - sink->next) < size)
			return NULL;
	}
	return sink->next;
}

/* The row that was begun ends at END. */
static inline void
pmt_bytesink_commit(struct pmt_bytesink *sink, char *end)
{
	sink->next = end;
	atomic_store_explicit(&sink->tail->used, (uint64_t)(end - sink->buffer),
			      memory_order_release);
}

/* Log SIZE bytes of rows, however many. */
void pmt_bytesink_append(struct pmt_bytesink *sink, const char *text,
			 size_t size);

/* Write SIZE bytes, a block or no row at all, at once; after the buffer. */
void pmt_bytesink_raw(struct pmt_bytesink *sink, const void *bytes,
		      size_t size);

/*
 * Write all, close the log and remove its tail.  LAST is SIZE bytes to be put
 * at the end of the file, over its last rows if nothing else has room; NULL
 * for none.  Returns 0 or -errno of the first failure.
 */
int pmt_bytesink_close(struct pmt_bytesink *sink, const void *last,
		       size_t size);

/*
 * In a forked child: let go of the parent's log without touching it.  Must
 * come before anything else that the child does with it.
 */
void pmt_bytesink_abandon(struct pmt_bytesink *sink);

#endif
