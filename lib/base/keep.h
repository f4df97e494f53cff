/* SPDX-License-Identifier: MIT */
/* keep.h - what one user is done with, for the next one to use. */
#ifndef PMT_KEEP_H
#define PMT_KEEP_H

#include <stdatomic.h>
#include <stddef.h>

enum { PMT_KEEP_PLACES = 2 };

/* All zeroes: empty.  Any thread may come at any time. */
struct pmt_keep {
	_Atomic(void *) place[PMT_KEEP_PLACES];
};

/* One of the kept ones, the caller's now; or NULL. */
static inline void *
pmt_keep_take(struct pmt_keep *keep)
{
	void *thing = NULL;

	for (size_t i = 0; thing == NULL && i < PMT_KEEP_PLACES; i++)
		thing = atomic_exchange(&keep->place[i], NULL);
	return thing;
}

/* Keep THING.  Returns what there is no place for, the caller's, or NULL. */
static inline void *
pmt_keep_put(struct pmt_keep *keep, void *thing)
{
	for (size_t i = 0; thing != NULL && i < PMT_KEEP_PLACES; i++)
		thing = atomic_exchange(&keep->place[i], thing);
	return thing;
}

#endif
