/* SPDX-License-Identifier: MIT */
/* objects.h - what does Python's own allocator hand out, and hold? */
#ifndef PMT_ALLOC_OBJECTS_H
#define PMT_ALLOC_OBJECTS_H

#include <stdbool.h>

#include "base/common.h"

/*
 * Stand before the allocator of pymalloc's arenas, so that an arena is not
 * charged to the line that happened to need one.  Before main().
 */
PMT_HIDDEN void pmt_objects_watch_arenas(void);

/*
 * Stand before CPython's allocators of objects and of memory: each block is
 * noted, whether it lies in an arena or comes from malloc.  Call it before
 * main() and again once Python runs, for debugging hooks throw ours out.
 * False: they had done so, what was allocated before is not known.
 */
PMT_HIDDEN bool pmt_objects_watch(void);

/* Until it is called again; whoever calls has the GIL. */
PMT_HIDDEN void pmt_objects_unwatch(void);

#endif
