/* SPDX-License-Identifier: MIT */
/* counters.h - what does each stack hold, when nothing is logged? */
#ifndef PMT_COUNTERS_H
#define PMT_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alloc/self.h"
#include "base/common.h"

/*
 * Sums by stack, and of each live block its stack and its size: some 32 bytes
 * a block.  Those of a sample are estimates of all, but for maps, which are all
 * noted.  All of it is under the lock of event.h.
 */

/* Returns 0 or -ENOMEM. */
PMT_HIDDEN int pmt_counters_init(void) PMT_MUST_CHECK;

PMT_HIDDEN void pmt_counters_add(struct pmt_self *self, uint32_t node,
				 const void *address, size_t size);

/* The same of a map. */
PMT_HIDDEN void pmt_counters_map(struct pmt_self *self, uint32_t node,
				 const void *address, size_t size);

/* VALUE is what pmt_blocks_take() had of the block. */
PMT_HIDDEN void pmt_counters_remove(struct pmt_self *self,
				    const void *address, uint64_t value);
PMT_HIDDEN void pmt_counters_restore(uint64_t value);

/* Of maps only such as go, or move, as a whole are followed. */
PMT_HIDDEN void pmt_counters_unmap(struct pmt_self *self,
				   const void *address, size_t size);
PMT_HIDDEN void pmt_counters_remap(const void *address, const void *moved,
				   size_t new_size);

/* An arena of pymalloc's; they are not counted among the blocks. */
PMT_HIDDEN void pmt_counters_arena(size_t size, bool comes);

/* Forget all but the arenas, in a forked child. */
PMT_HIDDEN void pmt_counters_clear(void);

/* The program begins: of what was before, only the sum is kept. */
PMT_HIDDEN void pmt_counters_begin(void);

/* Put the sums of all stacks, as records, by means of WRITE. */
PMT_HIDDEN void pmt_counters_write(void (*write)(const void *, size_t));

#endif
