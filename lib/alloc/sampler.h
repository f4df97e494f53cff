/* SPDX-License-Identifier: MIT */
/* sampler.h - which allocations stand for all of them? */
#ifndef PMT_ALLOC_SAMPLER_H
#define PMT_ALLOC_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc/self.h"
#include "alloc/own.h"
#include "base/common.h"

/*
 * Samples lie on the axis of allocated bytes like the points of a Poisson
 * process: each byte is as likely to be one as any other, whatever the sizes
 * are.  A block of n bytes is noted with probability 1 - exp(-n / rate).
 */
extern uint64_t pmt_sampler_rate PMT_HIDDEN;	/* 0: all are noted */

/* Bytes to the next sample, at least 1. */
PMT_HIDDEN int64_t pmt_sampler_draw(struct pmt_self *self);

/* For how many blocks of SIZE bytes one stands that is noted, itself too. */
PMT_HIDDEN double pmt_sampler_weight(uint64_t size);

/*
 * Blocks of which something is kept, by address.  One number each; 0 is none.
 * Under the lock of event.h, but for the question whether it is worth asking.
 */
struct pmt_blocks {
	struct pmt_idmap map;
	/* How many have this hash; a full counter stays full. */
	uint8_t filter[1 << 15];
	uint64_t lost;		/* that found no room in the map */
};

extern struct pmt_blocks pmt_blocks PMT_HIDDEN;

PMT_HIDDEN int pmt_blocks_init(void) PMT_MUST_CHECK;
PMT_HIDDEN bool pmt_blocks_add(uintptr_t address, uint64_t value);
PMT_HIDDEN uint64_t pmt_blocks_take(uintptr_t address);
PMT_HIDDEN void pmt_blocks_clear(void);

static inline uint32_t
pmt_blocks_hash(uintptr_t address)
{
	return (uint32_t)((address >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 49);
}

static inline bool
pmt_sampler_may_have(const void *address)
{
	return pmt_blocks.filter[pmt_blocks_hash((uintptr_t)address)] != 0;
}

#endif
