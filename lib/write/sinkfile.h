/* SPDX-License-Identifier: MIT */
/* sinkfile.h - where do a sink's file, its tail and its buffer come from? */
#ifndef PMT_SINKFILE_H
#define PMT_SINKFILE_H

#include "base/common.h"
#include "write/bytesink.h"

/* Private to bytesink.c, whose pmt_bytesink_open() and _abandon() are here. */

/* Make the file, or empty it.  Returns 0 or -errno. */
int pmt_sinkfile_make(struct pmt_bytesink *sink) PMT_MUST_CHECK;

/*
 * A tail file takes the place of the buffer, which is empty.  Returns 0 or
 * -errno: all is as it was.
 */
int pmt_sinkfile_add_tail(struct pmt_bytesink *sink) PMT_MUST_CHECK;

/* Close the file and free the names; the buffer stays. */
void pmt_sinkfile_fini(struct pmt_bytesink *sink);

#endif
