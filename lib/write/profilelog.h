/* SPDX-License-Identifier: MIT */
/* profilelog.h - the log of calls, returns and lines, as text. */
#ifndef PMT_PROFILELOG_H
#define PMT_PROFILELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "log/column.h"
#include "base/common.h"
#include "write/bytesink.h"
#include "write/referencelog.h"
#include "log/what.h"

/* One row.  Names are borrowed for the time of the call. */
struct pmt_profile_event {
	uint64_t event;			/* its number */
	uint64_t d_event;		/* since the last NEXT or FRST */
	uint64_t clock;			/* CPU microseconds */
	enum pmt_what what;
	const struct pmt_column *file;
	int line;
	const struct pmt_column *function;
	const char *callee;		/* of a C_ event, instead of function */
	uint64_t rss;			/* bytes */
	int64_t d_rss;			/* since the last NEXT or FRST */
	int64_t thread;			/* kernel thread id */
};

/*
 * Begin a log of KIND, 'P' profile or 'T' trace: the opening MESSAGE (UTF-8, or
 * NULL), SOF and the header; with THREADS there is a column for the thread.
 */
void pmt_profilelog_begin(struct pmt_logwrite *log, char kind,
			  const char *message, bool threads);

/* Add a row; TAG is "FRST:", "NEXT:", "PREV:" or "LAST:". */
void pmt_profilelog_event(struct pmt_logwrite *log, const char *tag,
			  bool threads, const struct pmt_profile_event *event);

/*
 * Add a MSG row.  Of EVENT its numbers and its clock are taken; the text is
 * SIZE bytes of UTF-8.
 */
void pmt_profilelog_note(struct pmt_logwrite *log,
			 const struct pmt_profile_event *event,
			 const char *text, size_t size);

#endif
