/* SPDX-License-Identifier: MIT */
/* tally.h - how many events were there, if each thread counts its own? */
#ifndef PMT_REF_TALLY_H
#define PMT_REF_TALLY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/* Events so far; they only become more.  A thread that ends leaves its own. */
struct tally {
	_Atomic uint64_t count[2];	/* created, destroyed */
	struct tally *next;
	bool taken;		/* by a thread that lives */
};

/* musl has no place for such a variable in a library that is loaded late. */
#ifdef __GLIBC__
#define TALLY_MODEL __attribute__((tls_model("initial-exec")))
#else
#define TALLY_MODEL
#endif

/* This thread's, or NULL: it has none yet. */
extern PMT_HIDDEN _Thread_local struct tally *tally_mine TALLY_MODEL;

/* Count one: WHICH is 0, created, or 1.  False: this thread has no tally. */
static inline bool
tally_count(unsigned int which)
{
	_Atomic uint64_t *count;

	if (pmt_unlikely(tally_mine == NULL))
		return false;
	count = &tally_mine->count[which];
	atomic_store_explicit(count, atomic_load_explicit(count,
				      memory_order_relaxed) + 1,
			      memory_order_relaxed);
	return true;
}

/* This thread gets a tally, if there is memory.  The event lock is held. */
void tally_join(void);

/* All that was ever counted.  The event lock is held. */
void tally_sum(uint64_t *created, uint64_t *destroyed);

#endif
