/* SPDX-License-Identifier: MIT */
/* logparts.h - which files does a log consist of? */
#ifndef PMT_LOGPARTS_H
#define PMT_LOGPARTS_H

#include <stdbool.h>

#include "base/common.h"
#include "read/input.h"

/*
 * Have INPUT, which is empty, read the log at PATH, or standard input for "-".
 * With a regular file goes LOG.older before it, the older half of a ring, and
 * LOG.tail behind it, what a killed writer left (logtail.h).  Nothing is
 * changed, and where either is not just another regular file, or the log's
 * writer still lives, it is passed over.  *HALVES: there is an older half.
 * Returns 0 or -errno; -EISDIR for a directory.
 */
int pmt_logparts_open(struct pmt_input *input, const char *path,
		      bool *halves) PMT_MUST_CHECK;

#endif
