/* SPDX-License-Identifier: MIT */
/* profilelog.h - the log of calls, returns and lines, as text. */
#ifndef PMT_PROFILELOG_H
#define PMT_PROFILELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "log/row.h"
#include "write/bytesink.h"

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
