/* SPDX-License-Identifier: MIT */
/* faultring.h - has this thread had a page fault since? */
#ifndef PMT_FAULTRING_H
#define PMT_FAULTRING_H

#include <stdint.h>

#include "base/common.h"

/*
 * perf_event_open(2) counts the page faults of a thread into memory that it
 * shares with the kernel, so that the count is one load away.  No privilege is
 * needed where kernel.perf_event_paranoid is at most 2; faults that happen
 * inside system calls are not seen then, nor is anything that lowers RSS.
 *
 * Each thread has its own ring, made at its first pmt_faultring_open() and
 * gone with the thread.  A child of fork(2) has none: the memory is not
 * inherited.
 */
extern __thread const volatile uint64_t *pmt_faultring_head
	__attribute__((tls_model("initial-exec")));

/*
 * Make sure that the calling thread has a ring.  Returns 0 or -errno:
 * -ENOTSUP, faults do not show in it here.
 */
int pmt_faultring_open(void) PMT_MUST_CHECK;

/* Moves with each fault of this thread; stands still without a ring. */
static inline uint64_t
pmt_faultring_read(void)
{
	return *pmt_faultring_head;
}

#endif
