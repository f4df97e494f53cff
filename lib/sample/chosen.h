/* SPDX-License-Identifier: MIT */
/* chosen.h - which addresses belong to a sample of 1 in N? */
#ifndef PMT_CHOSEN_H
#define PMT_CHOSEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"

/*
 * An address is chosen by its hash, with a key that differs from process to
 * process: so what dies at an address is chosen if what was made there was.
 * Whatever 1 in N chooses, 1 in fewer than N does.
 */

/* The bound of all; and of 1 in COUNT, which is above 0. */
#define PMT_CHOSEN_ALL UINT64_MAX

static inline uint64_t
pmt_chosen_bound(uint64_t count)
{
	return PMT_CHOSEN_ALL / count;
}

/* A key for pmt_is_chosen(); the same whenever it is asked for. */
uint64_t pmt_chosen_key(void);

static inline bool
pmt_is_chosen(uintptr_t address, uint64_t key, uint64_t bound)
{
	uint64_t hash = (uint64_t)address * key;

	/* Else addresses at equal distances would be chosen in turn. */
	return hash * hash <= bound;
}

#endif
