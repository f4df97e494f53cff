/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/pointermap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256 };

int
pmt_pointermap_init(struct pmt_pointermap *map)
{
	map->slot = calloc(FIRST_SLOTS, sizeof(*map->slot));
	if (map->slot == NULL)
		return -ENOMEM;
	map->mask = FIRST_SLOTS - 1;
	map->count = 0;
	return 0;
}

void
pmt_pointermap_fini(struct pmt_pointermap *map)
{
	free(map->slot);
	memset(map, 0, sizeof(*map));
}

/* Where KEY is, or the free slot where it would be. */
static size_t
slot_of(const struct pmt_pointermap *map, const void *key)
{
	size_t i = pmt_pointermap_home(map, key);

	while (map->slot[i].key != NULL && map->slot[i].key != key)
		i = (i + 1) & map->mask;
	return i;
}

void *
pmt_pointermap_find(const struct pmt_pointermap *map, const void *key)
{
	return map->slot[slot_of(map, key)].value;
}

static int
grow(struct pmt_pointermap *map)
{
	struct pmt_pointermap_slot *old = map->slot, *more;
	size_t slots = map->mask + 1;

	more = calloc(2 * slots, sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	map->slot = more;
	map->mask = 2 * slots - 1;
	for (size_t i = 0; i < slots; i++) {
		if (old[i].key != NULL)
			more[slot_of(map, old[i].key)] = old[i];
	}
	free(old);
	return 0;
}

int
pmt_pointermap_put(struct pmt_pointermap *map, const void *key, void *value)
{
	size_t i;

	if (2 * (map->count + 1) > map->mask && grow(map) < 0)
		return -ENOMEM;
	i = slot_of(map, key);
	map->count += map->slot[i].key == NULL;
	map->slot[i].key = key;
	map->slot[i].value = value;
	return 0;
}

void *
pmt_pointermap_remove(struct pmt_pointermap *map, const void *key)
{
	size_t hole = slot_of(map, key), i = hole;
	void *value = map->slot[hole].value;

	if (map->slot[hole].key == NULL)
		return NULL;
	map->count--;
	/* Move up what linear probing had put behind the hole. */
	for (;;) {
		size_t home;

		map->slot[hole] = (struct pmt_pointermap_slot){ 0 };
		do {
			i = (i + 1) & map->mask;
			if (map->slot[i].key == NULL)
				return value;
			home = pmt_pointermap_home(map, map->slot[i].key);
		} while (((i - home) & map->mask) < ((i - hole) & map->mask));
		map->slot[hole] = map->slot[i];
		hole = i;
	}
}
