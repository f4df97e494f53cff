/* SPDX-License-Identifier: MIT */
/* logtail.h - what lies in LOG.tail, and how is it joined to the log? */
#ifndef PMT_LOGTAIL_H
#define PMT_LOGTAIL_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/common.h"

/*
 * The first bytes of a tail file, in the byte order of the machine; the text
 * begins at PMT_LOGTAIL_TEXT.  `used` is the commit word: it is stored after
 * the bytes of each row, so that it never covers half a row.  The log proper
 * holds `start` bytes, or more if the writer died inside write(2); the whole
 * log is its first `start` bytes and then `used` bytes of the tail.  With
 * `used` 0 the log is complete as it is.
 */
struct pmt_logtail {
	char magic[8];
	_Atomic uint64_t start;
	_Atomic uint64_t used;
};

#define PMT_LOGTAIL_MAGIC "pmttail\1"

enum { PMT_LOGTAIL_TEXT = 4096 };

/*
 * What the tail file FD says of itself; FD is left at the beginning of the
 * text, all of which is there.  Returns 0 or -errno: -EBADMSG, no tail file.
 */
int pmt_logtail_find(int fd, uint64_t *start, uint64_t *used) PMT_MUST_CHECK;

/*
 * Join what LOG.tail holds to the log at PATH and remove the tail file.  For
 * who wrote them: both must be regular files of ours without other names, no
 * symbolic links, and the log must begin as logs do.  Returns the number of
 * bytes joined (0: there was nothing to do), or -errno: -EBADMSG, no tail file
 * or no log; -EPERM, -ELOOP, not ours; -EBUSY, the writer still lives.
 */
int pmt_logtail_join(const char *path) PMT_MUST_CHECK;

#endif
