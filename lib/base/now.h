/* SPDX-License-Identifier: MIT */
/* now.h - what does a clock of the system say, in nanoseconds? */
#ifndef PMT_NOW_H
#define PMT_NOW_H

#include <stdint.h>
#include <time.h>

/* CLOCK in nanoseconds. */
static inline uint64_t
pmt_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
