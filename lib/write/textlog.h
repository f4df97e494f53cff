/* SPDX-License-Identifier: MIT */
/* textlog.h - rows of a log as lines of text. */
#ifndef PMT_TEXTLOG_H
#define PMT_TEXTLOG_H

#include "base/common.h"
#include "write/recorder.h"

/*
 * The encoding of pmt-log(5).  A line of the opening message that reads SOF is
 * written as "\\123OF": it must not be taken for the start of the log.
 */
pmt_recorder_open pmt_textlog_open PMT_MUST_CHECK;

/*
 * The same to FD, a pipe or file of the caller's, who closes it after the log.
 * Returns 0 or -errno.
 */
int pmt_textlog_open_fd(int fd, struct pmt_recorder **recorder)
	PMT_MUST_CHECK;

#endif
