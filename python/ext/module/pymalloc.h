/* SPDX-License-Identifier: MIT */
/* pymalloc.h - how much of its arenas does CPython's allocator use? */
#ifndef PMT_PYMALLOC_H
#define PMT_PYMALLOC_H

#include "module/compat.h"

#include "log/memory.h"

/*
 * Set python_used and python_free of MEMORY; they stay unknown where CPython
 * uses another allocator.  CPython counts its pools for this, some 10 us an
 * arena of 1 MiB.  Needs an attached thread state; runs no Python code and
 * makes no object.
 */
void pymalloc_read(struct pmt_memory *memory);

#endif
