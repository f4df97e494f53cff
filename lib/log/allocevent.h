/* SPDX-License-Identifier: MIT */
/* allocevent.h - what does one record of a log of allocations say? */
#ifndef PMT_ALLOCEVENT_H
#define PMT_ALLOCEVENT_H

#include <stdint.h>

#include "base/text.h"
#include "log/alloclog.h"

enum pmt_alloc_what {
	PMT_ALLOC_IS_BLOCK,	/* thread, node, address, size */
	PMT_ALLOC_IS_FREE,	/* thread, address */
	PMT_ALLOC_IS_KEPT,	/* thread: its last free did not happen */
	PMT_ALLOC_IS_MAP,	/* thread, node, address, size */
	PMT_ALLOC_IS_UNMAP,	/* address, size: of whatever lay there */
	PMT_ALLOC_IS_REMAP,	/* the same, moved, moved_size */
	PMT_ALLOC_IS_ARENA,	/* address, size */
	PMT_ALLOC_IS_ARENA_FREE,
	PMT_ALLOC_IS_THREAD,	/* thread, address (the kernel's), text */
	PMT_ALLOC_IS_TICK,	/* size: us since the start, moved: RSS, KiB */
	PMT_ALLOC_IS_MARK,	/* mark */
	PMT_ALLOC_IS_PYTHON,	/* text: its version */
	PMT_ALLOC_IS_LACK,	/* text: what the log lacks */
	PMT_ALLOC_IS_RATE,	/* size: bytes between two samples */
	PMT_ALLOC_IS_SUM,	/* node, sum */
	PMT_ALLOC_IS_MEMORY,	/* text: what it is made of (memory.h) */
	PMT_ALLOC_IS_HELD,	/* node, moments */
	PMT_ALLOC_IS_SIZES,	/* size: n of 2^n; sum: live, blocks, count */
	PMT_ALLOC_IS_ELSEWHERE,	/* size: before the program, moved: of arenas,
				   moved_size: how many there are */
	PMT_ALLOC_IS_MESSAGE,	/* text */
};

/* The fields that WHAT has; TEXT and MOMENTS until the next event. */
struct pmt_alloc_event {
	enum pmt_alloc_what what;
	uint32_t thread;
	uint32_t node;
	enum pmt_alloc_mark mark;
	uint64_t address, size;
	uint64_t moved, moved_size;
	struct pmt_text text;
	struct pmt_alloc_sum sum;
	const uint64_t *moments;	/* PMT_ALLOC_MOMENTS */
};

/* What WHAT is called in text and in databases: "ALLOC". */
const char *pmt_alloc_event_name(const struct pmt_alloc_event *event);

#endif
