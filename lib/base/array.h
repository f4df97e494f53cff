/* SPDX-License-Identifier: MIT */
/* array.h - how does an array grow, one element at a time? */
#ifndef PMT_ARRAY_H
#define PMT_ARRAY_H

#include <stddef.h>

#include "base/common.h"

/*
 * Have room for one more than COUNT elements of SIZE bytes; *ROOM is how many
 * there is room for, and NULL with 0 an empty array.  It may move, and free()
 * ends it.  Returns 0 or -ENOMEM; then all stays as it was.
 */
int pmt_array_reserve(void **array, size_t size, size_t count, size_t *room)
	PMT_MUST_CHECK;

#endif
