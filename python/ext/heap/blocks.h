/* SPDX-License-Identifier: MIT */
/* blocks.h - in which blocks of memory do objects lie? */
#ifndef PMT_HEAP_BLOCKS_H
#define PMT_HEAP_BLOCKS_H

#include "heap/group.h"
#include "heap/lines.h"

/* Before a child puts any; makes a type, and lets it go. */
void heap_blocks_prepare(void);

/*
 * The addresses of some of the nodes FIRST to END - 1, evenly spread, as
 * messages that pmt-log(5) describes.  Of types whose freed objects CPython
 * keeps, to use them again unseen, there are none: those blocks were allocated
 * for others.
 */
void heap_blocks_put(struct heap_lines *lines, const struct heap_group *group,
		     uint32_t first, uint32_t end);

#endif
