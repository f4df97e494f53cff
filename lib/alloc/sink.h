/* SPDX-License-Identifier: MIT */
/* sink.h - how do the records of a log of allocations get to the disk? */
#ifndef PMT_SINK_H
#define PMT_SINK_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/common.h"
#include "log/alloclog.h"
#include "log/logfd.h"
#include "log/logtail.h"

/*
 * The one log of this process.  Whoever writes has the lock of event.h.  The
 * buffer is the log's tail file (logtail.h), so that a program may die at any
 * moment and no record is lost; what is no file, as a pipe, has none.
 */
struct pmt_sink {
	uint8_t *next;		/* where the next record goes */
	uint8_t *end;
	uint8_t *begin;
	struct pmt_logtail *tail;	/* NULL: the log is closed */
	struct pmt_logfd file;
	bool in_memory;		/* there is no file */
	unsigned int mode;	/* of the files, or 0; set before they are */
	int error;		/* errno of the first write that failed, or 0 */
	struct pmt_alloc_codec codec;
	char path[PATH_MAX];
};

extern struct pmt_sink pmt_sink PMT_HIDDEN;

enum {
	PMT_SINK_BUFFER = 128 * 1024,
	/* Any record but a name, which is no longer than the second. */
	PMT_SINK_RECORD = 128,
	PMT_SINK_NAME = 4096,
};

/*
 * Open a log at PMT_SINK.path with this header; FLAGS of alloclog.h.
 * EXCLUSIVE: it must not exist.  Returns 0 or -errno: -EBUSY, another writer
 * has it.
 */
PMT_HIDDEN int pmt_sink_open(bool exclusive, unsigned int flags,
			     const char *message, size_t size) PMT_MUST_CHECK;

/*
 * Keep the records in memory instead, where begin and next enclose them.
 * Returns 0 or -ENOMEM.
 */
PMT_HIDDEN int pmt_sink_open_memory(void) PMT_MUST_CHECK;

/* Write out what is in the buffer.  What cannot be written sets the error. */
PMT_HIDDEN void pmt_sink_flush(void);

/* The same, and remove the tail file. */
PMT_HIDDEN void pmt_sink_close(void);

/* The same of a log that nobody needs: it is removed, too. */
PMT_HIDDEN void pmt_sink_discard(void);

/* In a forked child: the log is the parent's. */
PMT_HIDDEN void pmt_sink_abandon(void);

/* Where a record of up to SIZE bytes may be put; committed once it is whole. */
static inline uint8_t *
pmt_sink_reserve(size_t size)
{
	if (pmt_unlikely((size_t)(pmt_sink.end - pmt_sink.next) < size))
		pmt_sink_flush();
	return pmt_sink.next;
}

static inline void
pmt_sink_commit(uint8_t *end)
{
	pmt_sink.next = end;
	atomic_store_explicit(&pmt_sink.tail->used,
			      (uint64_t)(end - pmt_sink.begin),
			      memory_order_release);
}

/* The first byte of a record that is one of enum pmt_alloc_more. */
static inline uint8_t *
pmt_put_more(enum pmt_alloc_more what)
{
	uint8_t *p = pmt_sink_reserve(PMT_SINK_RECORD);

	*p++ = (uint8_t)(PMT_ALLOC_MORE | what << 3);
	return p;
}

/* The file's header at P; the message follows.  Returns where. */
static inline uint8_t *
pmt_put_header(uint8_t *p, unsigned int flags, size_t message)
{
	memcpy(p, PMT_COMPACT_MAGIC, 8);
	p[8] = PMT_COMPACT_VERSION;
	p[9] = PMT_ALLOCLOG_KIND;
	pmt_put_le(p + 10, flags, 2);
	pmt_put_le(p + 12, message, 4);
	return p + PMT_COMPACT_HEADER;
}

/* Length and bytes of a name. */
static inline uint8_t *
pmt_put_name(uint8_t *p, const char *name, size_t size)
{
	p = pmt_put_varint(p, size);
	memcpy(p, name, size);
	return p + size;
}

#endif
