/* SPDX-License-Identifier: MIT */
/* own.h - where does the library keep what it knows, without malloc? */
#ifndef PMT_OWN_H
#define PMT_OWN_H

#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/*
 * Memory straight from the kernel, zeroed, in whole pages; it leaves errno as
 * it was.  NULL: there is none.  pmt_own_grow() keeps what was there and
 * zeroes the rest, or returns NULL and leaves all as it was.
 */
PMT_HIDDEN void *pmt_own_get(size_t size);
PMT_HIDDEN void *pmt_own_grow(void *memory, size_t size, size_t new_size);
PMT_HIDDEN void pmt_own_put(void *memory, size_t size);

/*
 * All zeroes again: the pages go, so that a child of fork(2) copies none of
 * its parent's.
 */
PMT_HIDDEN void pmt_own_clear(void *memory, size_t size);

/* A hash table from numbers other than 0 to numbers. */
struct pmt_idmap {
	struct pmt_idslot {
		uint64_t key;
		uint64_t value;
	} *slots;
	uint32_t mask;		/* slots less one */
	uint32_t used;
};

static inline uint64_t
pmt_idmap_hash(uint64_t key)
{
	key ^= key >> 32;
	key *= UINT64_C(0x9E3779B97F4A7C15);
	return key ^ key >> 29;
}

/* The slot of KEY, or the empty one where it would be.  MAP is not empty. */
static inline struct pmt_idslot *
pmt_idmap_find(const struct pmt_idmap *map, uint64_t key)
{
	uint32_t i = (uint32_t)pmt_idmap_hash(key) & map->mask;

	while (map->slots[i].key != 0 && map->slots[i].key != key)
		i = (i + 1) & map->mask;
	return &map->slots[i];
}

/* Begin with room for some hundred.  Returns 0 or -ENOMEM. */
PMT_HIDDEN int pmt_idmap_init(struct pmt_idmap *map) PMT_MUST_CHECK;

/* A slot for KEY, which is not in MAP; NULL if memory is short. */
PMT_HIDDEN struct pmt_idslot *pmt_idmap_add(struct pmt_idmap *map,
					    uint64_t key, uint64_t value);

/* SLOT is of MAP and not empty.  Other slots may move. */
PMT_HIDDEN void pmt_idmap_remove(struct pmt_idmap *map,
				 struct pmt_idslot *slot);

/* Forget all, keep the memory. */
PMT_HIDDEN void pmt_idmap_clear(struct pmt_idmap *map);

#endif
