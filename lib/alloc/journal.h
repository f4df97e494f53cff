/* SPDX-License-Identifier: MIT */
/* journal.h - what does a log of allocations tell beside them? */
#ifndef PMT_JOURNAL_H
#define PMT_JOURNAL_H

#include "alloc/settings.h"
#include "base/common.h"
#include "log/alloclog.h"

/* All but the first two are for those who have the lock of event.h. */

/*
 * Open this process's log, or begin its summary, and tell pmt-run where it is,
 * or why there is none.  LACKS: why there are no names of Python, or NULL.
 * Returns 0 or -errno.
 */
PMT_HIDDEN int pmt_journal_open(const struct pmt_settings *settings,
				const char *lacks) PMT_MUST_CHECK;

/* The same in a forked child, whose log lies beside its parent's. */
PMT_HIDDEN int pmt_journal_open_child(void) PMT_MUST_CHECK;

PMT_HIDDEN void pmt_journal_mark(enum pmt_alloc_mark mark);

/* Tell what memory is made of now, in the text of memory.h. */
PMT_HIDDEN void pmt_journal_memory(const char *text);

/* Any message of at most PMT_SINK_NAME bytes. */
PMT_HIDDEN void pmt_journal_message(const char *text, size_t size);

/* Say what the log lacks, in a sentence of at most 100 bytes. */
PMT_HIDDEN void pmt_journal_lack(const char *text);

/* Write the summary as it is now.  Returns 0 or -errno. */
PMT_HIDDEN int pmt_journal_summarize(void) PMT_MUST_CHECK;
PMT_HIDDEN void pmt_journal_summarize_if_due(void);

/* Tell the log the time and RSS, unless that was done just now. */
PMT_HIDDEN void pmt_journal_tick_if_due(void);

#endif
