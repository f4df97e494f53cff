/* SPDX-License-Identifier: MIT */
/* compactlog.h - rows of a log in a twentieth of the bytes. */
#ifndef PMT_COMPACTLOG_H
#define PMT_COMPACTLOG_H

#include "base/common.h"
#include "write/recorder.h"

/* The encoding of log/compact.h.  A block is what fits the log's buffer. */
pmt_recorder_open pmt_compactlog_open PMT_MUST_CHECK;

#endif
