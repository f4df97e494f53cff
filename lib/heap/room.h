/* SPDX-License-Identifier: MIT */
/* room.h - where does an array grow when malloc(3) must not be called? */
#ifndef PMT_HEAP_ROOM_H
#define PMT_HEAP_ROOM_H

#include <stddef.h>

#include "base/common.h"

/*
 * Memory straight from the kernel: in the child of a fork another thread may
 * hold malloc's lock for ever.  All zeroes is an empty one.  No locks.
 */
struct pmt_room {
	void *start;
	size_t bytes;		/* whole pages */
};

/*
 * Make ROOM hold at least BYTES; it may move.  What is new is zero.  Returns 0
 * or -ENOMEM, and then ROOM is as it was.
 */
int pmt_room_grow(struct pmt_room *room, size_t bytes) PMT_MUST_CHECK;

/* Give all back. */
void pmt_room_free(struct pmt_room *room);

#endif
