/* SPDX-License-Identifier: MIT */
/* footprint.h - where is the memory of this process, right now? */
#ifndef PMT_FOOTPRINT_H
#define PMT_FOOTPRINT_H

#include "base/common.h"
#include "log/memory.h"

/*
 * What the kernel (/proc/self/status) and the C library (mallinfo2(3), or
 * jemalloc's mallctl(3) if that is in the process) say; pymalloc's numbers stay
 * as they are.  Takes some microseconds, more where malloc has many free
 * blocks to count: for moments, not for events.  Any thread may call it.
 */
void pmt_footprint_read(struct pmt_memory *memory);

/* The kernel's numbers alone, up to the peak. */
void pmt_footprint_read_kernel(struct pmt_memory *memory);

/*
 * What it shares with other processes, from /proc/self/smaps_rollup (Linux
 * 4.14).  The kernel looks at each page: a millisecond for some 500 MiB.
 */
void pmt_footprint_read_shared(struct pmt_memory *memory);

/*
 * When to look again: RSS has grown by a tenth, and by 1 MiB, since the highest
 * that was noted.  So a process that grows is looked at O(log RSS) times.
 */
struct pmt_footprint_watch {
	uint64_t next;		/* bytes of RSS; 0: at once */
};

static inline bool
pmt_footprint_is_due(const struct pmt_footprint_watch *watch, uint64_t rss)
{
	return pmt_unlikely(rss >= watch->next);
}

/* It was looked at when RSS was so high. */
void pmt_footprint_noted(struct pmt_footprint_watch *watch, uint64_t rss);

#endif
