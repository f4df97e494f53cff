/* SPDX-License-Identifier: MIT */
/* lock.h - a lock that costs a few nanoseconds when nobody else wants it. */
#ifndef PMT_LOCK_H
#define PMT_LOCK_H

#include <sched.h>
#include <stdatomic.h>

#include "base/common.h"

/*
 * For sections of a microsecond that never sleep.  Under the GIL it is never
 * contended; interpreters with a GIL of their own and free-threaded builds do
 * contend for it.
 */
struct pmt_lock {
	atomic_bool taken;
};

static inline void
pmt_lock_take(struct pmt_lock *lock)
{
	unsigned int tries = 0;

	while (pmt_unlikely(atomic_exchange_explicit(&lock->taken, 1,
						     memory_order_acquire))) {
		if (++tries % 64 == 0)
			sched_yield();
	}
}

static inline void
pmt_lock_release(struct pmt_lock *lock)
{
	atomic_store_explicit(&lock->taken, 0, memory_order_release);
}

#endif
