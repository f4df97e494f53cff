/* SPDX-License-Identifier: MIT */
/* event.h - what does the library note when memory comes and goes? */
#ifndef PMT_ALLOC_EVENT_H
#define PMT_ALLOC_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/self.h"
#include "base/common.h"

/* Called, if it is set, with the lock, at every 1024th block. */
extern void (*pmt_event_due)(void) PMT_HIDDEN;

/*
 * Begin to note; the log is open, the names are ready.  A forked child does
 * not note anything until it says so itself.  Returns 0 or -ENOMEM.
 */
PMT_HIDDEN int pmt_event_start(void) PMT_MUST_CHECK;
PMT_HIDDEN void pmt_event_stop(void);
PMT_HIDDEN bool pmt_event_started(void);

/*
 * Keep other threads from noting anything, and this one from being noted,
 * until pmt_event_leave().  False: this thread is busy or nothing is noted.
 */
PMT_HIDDEN bool pmt_event_enter(void);
PMT_HIDDEN void pmt_event_leave(void);

/* In a forked child: the lock that the parent had taken is free. */
PMT_HIDDEN void pmt_event_forked(void);

/* Has it noted next to nothing since, like one that only ends? */
PMT_HIDDEN bool pmt_event_is_idle(void);

/*
 * A block is there; a block is about to be freed; that was not done after
 * all.  ADDRESS is not NULL.  They leave errno as it was.
 */
PMT_HIDDEN void pmt_event_block(void *address, size_t size);
PMT_HIDDEN void pmt_event_free(void *address);
PMT_HIDDEN void pmt_event_kept(void);

/*
 * Memory by mmap, for those who hold pmt_event_enter(), since another thread
 * may be given at once what is given back.
 */
PMT_HIDDEN void pmt_event_map(void *address, size_t size);
PMT_HIDDEN void pmt_event_unmap(void *address, size_t size);
PMT_HIDDEN void pmt_event_remap(void *address, size_t size, void *moved,
				size_t new_size);

/* An arena of pymalloc comes (true) or goes, for those who are busy. */
PMT_HIDDEN void pmt_event_arena(void *address, size_t size, bool comes);

#endif
