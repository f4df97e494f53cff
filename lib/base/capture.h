/* SPDX-License-Identifier: MIT */
/* capture.h - what does this thread print on the C library's stderr? */
#ifndef PMT_CAPTURE_H
#define PMT_CAPTURE_H

#include <stddef.h>

#include "base/common.h"

/*
 * Text printed through the FILE stderr between begin and end, by the thread
 * that called them.  What other threads print there meanwhile goes where it
 * always went, and so does what anybody writes to file descriptor 2.
 */
struct pmt_capture {
	char *text;		/* not terminated; the caller frees it */
	size_t size;
	size_t room;
	int err;		/* 0, or -ENOMEM: the text is cut short */
};

/*
 * Start a capture, which must be ended by the same thread.  Captures of one
 * thread do not nest.  Returns 0 or -errno: -EBUSY, this thread captures
 * already; -ENOSYS, this C library's stderr cannot be replaced (musl).
 */
int pmt_capture_begin(struct pmt_capture *capture) PMT_MUST_CHECK;

/* End this thread's capture.  Returns capture->err. */
int pmt_capture_end(struct pmt_capture *capture) PMT_MUST_CHECK;

#endif
