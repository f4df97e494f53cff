/* SPDX-License-Identifier: MIT */
/* recorder.h - where do the rows of a tracer go, in whichever form? */
#ifndef PMT_RECORDER_H
#define PMT_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "log/row.h"
#include "log/tag.h"

/*
 * A log being written, or what takes its place.  Each form (textlog.h,
 * compactlog.h, the summary) embeds this struct and fills one table; nobody
 * else knows which form it is.
 *
 * No locks: the caller has one.  Nothing here fails loudly: a row that cannot
 * be kept is dropped whole and counted, and the program goes on.
 */
struct pmt_recorder {
	const struct pmt_recorder_ops *ops;
	unsigned int columns;	/* enum pmt_reference_columns */
	char kind;		/* 'O' objects, 'P' profile, 'T' trace */
	int error;		/* errno of the first failure, or 0 */
	uint64_t lost;		/* rows dropped */
	uint64_t left_out;	/* rows beyond the limit */
};

struct pmt_recorder_ops {
	/* The opening message (UTF-8, may be NULL) and the header. */
	void (*begin)(struct pmt_recorder *recorder, const char *message);

	/* A row.  A form of which a kind asks for none may leave it NULL. */
	void (*reference)(struct pmt_recorder *recorder,
			  const struct pmt_reference_event *event);
	void (*profile)(struct pmt_recorder *recorder, enum pmt_row tag,
			const struct pmt_profile_event *event);
	void (*note)(struct pmt_recorder *recorder,
		     const struct pmt_note *note);

	/* Hand over to the kernel what is buffered. */
	void (*flush)(struct pmt_recorder *recorder);

	/* After `unbuffered`: rows need no flush from now on.  May be NULL. */
	void (*settle)(struct pmt_recorder *recorder);

	/* The last row: nothing follows but the close. */
	void (*end)(struct pmt_recorder *recorder);

	/*
	 * Flush, close and free.  LAST, if not NULL, is put at the end of what
	 * could be written, over the last rows if nothing else has room.
	 * Returns 0 or -errno of the first failure.
	 */
	int (*close)(struct pmt_recorder *recorder,
		     const struct pmt_note *last);

	/* In a forked child: free it, and leave the parent's log alone. */
	void (*abandon)(struct pmt_recorder *recorder);
};

/* How to open a log, whatever its form. */
struct pmt_recorder_options {
	bool exclusive;		/* an existing file is an error */
	bool ring;		/* keep the last LIMIT bytes, not the first */
	bool unbuffered;	/* flushed after each row, until it settles */
	bool late;		/* no file until it settles or is long */
	uint64_t limit;		/* bytes, give or take half a buffer; 0: none */
	unsigned int mode;	/* of the file; 0: 0600, for our user only */
};

/*
 * Create PATH, or truncate it.  On success *recorder is the caller's to close
 * or abandon.  Returns 0 or -errno: -EBUSY, another writer has PATH.
 */
typedef int pmt_recorder_open(const char *path,
			      const struct pmt_recorder_options *options,
			      struct pmt_recorder **recorder);

/*
 * Bytes of a message; a longer one is cut.  All of them escaped still fit the
 * longest line that readers take, 4 MiB.
 */
enum { PMT_MESSAGE_MAX = 1023 << 10 };

/* Begin a log of KIND with COLUMNS beyond the usual ones. */
void pmt_recorder_begin(struct pmt_recorder *recorder, char kind,
			unsigned int columns, const char *message);

void pmt_recorder_note(struct pmt_recorder *recorder,
		       const struct pmt_note *note);

static inline void
pmt_recorder_reference(struct pmt_recorder *recorder,
		       const struct pmt_reference_event *event)
{
	recorder->ops->reference(recorder, event);
}

static inline void
pmt_recorder_profile(struct pmt_recorder *recorder, enum pmt_row tag,
		     const struct pmt_profile_event *event)
{
	recorder->ops->profile(recorder, tag, event);
}

static inline void
pmt_recorder_flush(struct pmt_recorder *recorder)
{
	recorder->ops->flush(recorder);
}

static inline void
pmt_recorder_settle(struct pmt_recorder *recorder)
{
	if (recorder->ops->settle != NULL)
		recorder->ops->settle(recorder);
}

static inline void
pmt_recorder_end(struct pmt_recorder *recorder)
{
	recorder->ops->end(recorder);
}

static inline int
pmt_recorder_close(struct pmt_recorder *recorder, const struct pmt_note *last)
{
	return recorder == NULL ? 0 : recorder->ops->close(recorder, last);
}

static inline void
pmt_recorder_abandon(struct pmt_recorder *recorder)
{
	recorder->ops->abandon(recorder);
}

#endif
