/* SPDX-License-Identifier: MIT */
/* logread.h - the events of a log, one after the other, whoever wrote it. */
#ifndef PMT_LOGREAD_H
#define PMT_LOGREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "log/event.h"
#include "log/sites.h"

struct pmt_allocread;
struct pmt_log;

/*
 * Open the log at PATH, or standard input for "-", and read up to its header.
 * Names go to SITES, which several logs may share.  A file that is no log opens
 * too: its only event is a problem.  STOPPED, unless NULL, is asked before each
 * read: once it is not 0, this and what follows return -EINTR.  Nothing is
 * written: see logparts.h for what is read.  Returns 0 or -errno.
 */
int pmt_log_open(const char *path, struct pmt_sites *sites,
		 int (*stopped)(void), struct pmt_log **log) PMT_MUST_CHECK;
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

/*
 * What reads the events of a log of allocations, which pmt_log_next() does not
 * tell; it lives as long as LOG.  NULL: it is of another kind.
 */
struct pmt_allocread *pmt_log_allocations(const struct pmt_log *log);

/*
 * Was its EOF read?  Else it is not read to the end yet; or its writer did not
 * close it, whose rows may be whole even so: what is torn is a problem.
 */
bool pmt_log_ended(const struct pmt_log *log);

/* Has this log the column?  E.g. is there a Size to rank by? */
bool pmt_log_has(const struct pmt_log *log, enum pmt_log_column column);

/* The lines before the first row, as they stand, without the last newline. */
struct pmt_text pmt_log_introduction(const struct pmt_log *log);

/* How much was read, of how much (0: unknown), for a line of progress. */
uint64_t pmt_log_bytes(const struct pmt_log *log);
uint64_t pmt_log_size(const struct pmt_log *log);

#endif
