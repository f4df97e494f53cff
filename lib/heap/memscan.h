/* SPDX-License-Identifier: MIT */
/* memscan.h - how often does an address stand in this process's memory? */
#ifndef PMT_HEAP_MEMSCAN_H
#define PMT_HEAP_MEMSCAN_H

#include <stdint.h>

#include "base/common.h"

/*
 * Look for COUNT addresses, all multiples of 16 and all given inverted, lest
 * they be found where they are given.  Every writable private page that is
 * there is read, but for the caller's dead stack.  The words may begin at any
 * byte, as in packed structures; low bits of an aligned one may be a tag.
 * FOUND, one for each, is how many there were: an object with more references
 * than that has lost some for good.  What is kept in other ways (a register,
 * another process, encrypted) is not seen.
 *
 * Works in a forked child: no malloc(3).  Returns 0 or -errno: -ENOMEM,
 * -E2BIG where a mapping has more than 64 GiB, as AddressSanitizer's has, or
 * what /proc/self says; FOUND is then of no use.
 */
int pmt_memscan(const uint64_t *inverted, uint32_t count,
		uint32_t *found) PMT_MUST_CHECK;

#endif
