/* SPDX-License-Identifier: MIT */
/* sinkparts.h - what does a sink do in another file than bytesink.c? */
#ifndef PMT_SINKPARTS_H
#define PMT_SINKPARTS_H

#include "base/common.h"

/* Private to bytesink.c; sinkfile.c, where this is, has also its open. */
struct pmt_bytesink;

/*
 * Make the file, or cut it to one byte at most, which the first write goes
 * over.  Returns 0 or -errno.
 */
int pmt_sinkfile_make(struct pmt_bytesink *sink) PMT_MUST_CHECK;

/* If nothing was written, drop that byte. */
void pmt_sinkfile_drop_old(struct pmt_bytesink *sink);

/*
 * A tail file takes the place of the buffer, which is empty.  Returns 0 or
 * -errno: all is as it was.
 */
int pmt_sinkfile_add_tail(struct pmt_bytesink *sink) PMT_MUST_CHECK;

/* Close the file and free the names; the buffer stays. */
void pmt_sinkfile_fini(struct pmt_bytesink *sink);

#endif
