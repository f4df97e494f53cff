/* SPDX-License-Identifier: MIT */
/* session.h - when does the library begin to note, and when is it done? */
#ifndef PMT_ALLOC_SESSION_H
#define PMT_ALLOC_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/common.h"

/*
 * Before main() the library looks whether pmt-run wants it, and whether this
 * process is a Python at all; otherwise it only passes calls on.  What it
 * cannot do it tells the log and pmt-run, never the program.
 */

enum pmt_session_mark {
	PMT_SESSION_BEGIN = 1,	/* the program's first line is next */
	PMT_SESSION_END,	/* its last one was; nothing more is noted */
	PMT_SESSION_SUMMARY,	/* write the summary as it is now */
};

/*
 * For the extension, which finds it by dlsym().  Returns 0 or -errno; -ESRCH:
 * nothing is noted here.
 */
PMT_PUBLIC int pmt_alloc_mark(int mark);

/*
 * Likewise, while it has the GIL: have READ write into TEXT of what memory is
 * made (memory.h), for the log.  What it allocates is not noted, and no hook
 * of ours stands before the allocators of objects meanwhile.
 */
PMT_PUBLIC void pmt_alloc_memory(void (*read)(char *text, size_t size));

/*
 * Likewise: have WORK do something of ours, of which nothing is noted in this
 * thread.  False: nobody wants messages, and WORK was not called.
 */
PMT_PUBLIC bool pmt_alloc_aside(void (*work)(void *arg), void *arg);

/* For WORK alone: put a message of SIZE bytes, at most 4000, into the log. */
PMT_PUBLIC void pmt_alloc_message(const char *text, size_t size);

/*
 * The process is about to end without another word.  A child that was forked
 * and did nothing else leaves no log.
 */
PMT_HIDDEN void pmt_session_exit(void);

#endif
