/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/blockmap.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

static size_t
home(const struct pmt_blockmap *map, uint64_t address)
{
	return (size_t)(address * UINT64_C(0x9E3779B97F4A7C15) >> 20) &
	       map->mask;
}

static struct pmt_block *
find(const struct pmt_blockmap *map, uint64_t address)
{
	size_t i = home(map, address);

	while (map->slots[i].address != 0 && map->slots[i].address != address)
		i = (i + 1) & map->mask;
	return &map->slots[i];
}

static int
grow(struct pmt_blockmap *map)
{
	size_t count = map->slots == NULL ? 0 : map->mask + 1;
	size_t more = count == 0 ? FIRST_SLOTS : 2 * count;
	struct pmt_blockmap bigger = {
		calloc(more, sizeof(*map->slots)), more - 1, map->used,
	};

	if (bigger.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (map->slots[i].address != 0)
			*find(&bigger, map->slots[i].address) = map->slots[i];
	free(map->slots);
	*map = bigger;
	return 0;
}

void
pmt_blockmap_fini(struct pmt_blockmap *map)
{
	free(map->slots);
	*map = (struct pmt_blockmap){ 0 };
}

int
pmt_blockmap_put(struct pmt_blockmap *map, const struct pmt_block *block,
		 struct pmt_block *old)
{
	struct pmt_block *slot;

	if ((map->slots == NULL || map->used > map->mask / 2) &&
	    grow(map) < 0)
		return -ENOMEM;
	slot = find(map, block->address);
	*old = *slot;
	map->used += slot->address == 0;
	*slot = *block;
	return 0;
}

const struct pmt_block *
pmt_blockmap_find(const struct pmt_blockmap *map, uint64_t address)
{
	const struct pmt_block *slot;

	if (map->slots == NULL || address == 0)
		return NULL;
	slot = find(map, address);
	return slot->address == 0 ? NULL : slot;
}

bool
pmt_blockmap_take(struct pmt_blockmap *map, uint64_t address,
		  struct pmt_block *block)
{
	struct pmt_block *slot;
	size_t hole, i;

	if (map->slots == NULL || address == 0)
		return false;
	slot = find(map, address);
	if (slot->address == 0)
		return false;
	*block = *slot;
	/* Those behind move up, but not before their home. */
	for (i = hole = (size_t)(slot - map->slots);;) {
		i = (i + 1) & map->mask;
		if (map->slots[i].address == 0)
			break;
		if (((i - home(map, map->slots[i].address)) & map->mask) <
		    ((i - hole) & map->mask))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	map->slots[hole].address = 0;
	map->used--;
	return true;
}
