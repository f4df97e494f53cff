/* SPDX-License-Identifier: MIT */
/* saturate.h - what is the sum of numbers that anybody may have written? */
#ifndef PMT_SATURATE_H
#define PMT_SATURATE_H

#include <stdint.h>

/* A + B; what is too large stays the largest, or the least, that there is. */
static inline int64_t
pmt_add_saturated(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

#endif
