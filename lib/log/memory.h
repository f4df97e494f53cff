/* SPDX-License-Identifier: MIT */
/* memory.h - what is the resident memory of a process made of, at a moment? */
#ifndef PMT_MEMORY_H
#define PMT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"

/* Why memory was looked at. */
enum pmt_moment {
	PMT_MOMENT_START,	/* the log begins */
	PMT_MOMENT_GROWTH,	/* RSS is a tenth above where it was noted */
	PMT_MOMENT_EXIT,	/* the traced code ended, cleaning up begins */
	PMT_MOMENT_ATEXIT,	/* functions of atexit are to run */
	PMT_MOMENT_END,		/* the log ends, or a report was asked for */
};

/* Where a number is not known. */
#define PMT_MEMORY_UNKNOWN UINT64_MAX

/*
 * All in bytes.  What allocators hold need not be resident: pages that they
 * never touched are not.  Each number may be PMT_MEMORY_UNKNOWN.
 */
struct pmt_memory {
	uint64_t rss;		/* the sum of the next three */
	uint64_t anonymous;
	uint64_t file;
	uint64_t shared;	/* shared memory, tmpfs */
	uint64_t peak_rss;	/* the highest so far, as the kernel counts */
	uint64_t pss;		/* a page of N processes counts as 1/N */
	uint64_t private;	/* pages of no other process */
	uint64_t inherited;	/* anonymous pages of others, too: a fork's */
	uint64_t python_used;	/* blocks that pymalloc handed out */
	uint64_t python_free;	/* the rest of its arenas */
	uint64_t c_used;	/* blocks that malloc handed out */
	uint64_t c_mapped;	/* of those, in mappings of their own */
	uint64_t c_free;	/* free, but kept by malloc */
	char allocator[16];	/* whose malloc: "glibc", "jemalloc", ... */
};

/* All unknown. */
void pmt_memory_init(struct pmt_memory *memory);

/*
 * The text of the MSG row that tells of MEMORY, for pmt_memory_parse():
 * "Memory at start: rss=11862016 anon=... allocator=glibc".  Like snprintf(3).
 */
int pmt_memory_format(const struct pmt_memory *memory, enum pmt_moment moment,
		      char *text, size_t size);

/*
 * Is TEXT, a MSG row's, such a text?  Keys that are not known are passed over,
 * those that are missing are unknown.
 */
bool pmt_memory_parse(struct pmt_text text, struct pmt_memory *memory,
		      enum pmt_moment *moment) PMT_MUST_CHECK;

#endif
