/* SPDX-License-Identifier: MIT */
/* bookrecorder.h - which objects stay, told in the log of another tracer? */
#ifndef PMT_BOOKRECORDER_H
#define PMT_BOOKRECORDER_H

#include "base/common.h"
#include "books/told.h"
#include "write/recorder.h"

/*
 * A recorder of objects that keeps the books of the summary (summary.h) and
 * writes no file; its path is but a name.
 */
pmt_recorder_open pmt_books_open PMT_MUST_CHECK;

/*
 * What the books of RECORDER, which pmt_books_open() made, come to now: rows
 * for another log, of the end, and of the peak where the end hides what
 * mattered.  Returns 0 or -ENOMEM.
 */
int pmt_books_tell(struct pmt_recorder *recorder, pmt_told_put *put, void *arg)
	PMT_MUST_CHECK;

#endif
