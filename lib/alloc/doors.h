/* SPDX-License-Identifier: MIT */
/* doors.h - does the process allocate through us? */
#ifndef PMT_DOORS_H
#define PMT_DOORS_H

#include <stdbool.h>

#include "base/common.h"

/*
 * doors.c and maps.c stand in for malloc and its kin, and for mmap: whoever
 * calls them calls ours first.  Not so if another library was loaded before,
 * or an allocator is linked into the program itself.
 */
PMT_HIDDEN bool pmt_doors_are_used(void);

#endif
