/* SPDX-License-Identifier: MIT */
/* blockmap.h - which block lies at this address, and who made it? */
#ifndef PMT_BLOCKMAP_H
#define PMT_BLOCKMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

struct pmt_block {
	uint64_t address;	/* 0: none */
	uint64_t size;
	uint32_t node;
	uint32_t thread;
};

/* A hash table by address; all zeroes is an empty one. */
struct pmt_blockmap {
	struct pmt_block *slots;
	size_t mask;
	size_t used;
};

void pmt_blockmap_fini(struct pmt_blockmap *map);

/*
 * Put BLOCK, whose address is not 0, in the place of the one that was there,
 * if any: *OLD, or its address 0.  Returns 0 or -ENOMEM.
 */
int pmt_blockmap_put(struct pmt_blockmap *map, const struct pmt_block *block,
		     struct pmt_block *old) PMT_MUST_CHECK;

/* The block at ADDRESS, while the map stays as it is, or NULL. */
const struct pmt_block *pmt_blockmap_find(const struct pmt_blockmap *map,
					  uint64_t address);

/* Take the block out.  False: there is none. */
bool pmt_blockmap_take(struct pmt_blockmap *map, uint64_t address,
		       struct pmt_block *block);

#endif
