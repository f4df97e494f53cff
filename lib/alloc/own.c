/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/own.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST_SLOTS = 1024 };

/* Where it is, SYS_mmap takes its arguments otherwise. */
#ifdef SYS_mmap2
#undef SYS_mmap
#define SYS_mmap SYS_mmap2
#endif

/* Not by mmap(), which is one of our doors. */
void *
pmt_own_get(size_t size)
{
	int before = errno;
	long address = syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = before;
	return address == -1 ? NULL : (void *)address;
}

void *
pmt_own_grow(void *memory, size_t size, size_t new_size)
{
	int before = errno;
	long address = syscall(SYS_mremap, memory, size, new_size,
			       MREMAP_MAYMOVE);

	errno = before;
	return address == -1 ? NULL : (void *)address;
}

void
pmt_own_put(void *memory, size_t size)
{
	int before = errno;

	syscall(SYS_munmap, memory, size);
	errno = before;
}

void
pmt_own_clear(void *memory, size_t size)
{
	int before = errno;

	/* Pages that the program has locked stay. */
	if (syscall(SYS_madvise, memory, size, MADV_DONTNEED) != 0)
		memset(memory, 0, size);
	errno = before;
}

int
pmt_idmap_init(struct pmt_idmap *map)
{
	map->slots = pmt_own_get(FIRST_SLOTS * sizeof(*map->slots));
	if (map->slots == NULL)
		return -ENOMEM;
	map->mask = FIRST_SLOTS - 1;
	map->used = 0;
	return 0;
}

static int
grow(struct pmt_idmap *map)
{
	size_t count = (size_t)map->mask + 1;
	struct pmt_idmap bigger = {
		.slots = pmt_own_get(2 * count * sizeof(*map->slots)),
		.mask = 2 * map->mask + 1,
		.used = map->used,
	};

	if (bigger.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (map->slots[i].key != 0)
			*pmt_idmap_find(&bigger, map->slots[i].key) =
				map->slots[i];
	pmt_own_put(map->slots, count * sizeof(*map->slots));
	*map = bigger;
	return 0;
}

struct pmt_idslot *
pmt_idmap_add(struct pmt_idmap *map, uint64_t key, uint64_t value)
{
	struct pmt_idslot *slot;

	/* A table that cannot grow serves until it is nearly full. */
	if (map->used >= map->mask / 2 && grow(map) < 0 &&
	    map->used >= map->mask - map->mask / 8)
		return NULL;
	slot = pmt_idmap_find(map, key);
	*slot = (struct pmt_idslot){ key, value };
	map->used++;
	return slot;
}

void
pmt_idmap_remove(struct pmt_idmap *map, struct pmt_idslot *slot)
{
	uint32_t hole = (uint32_t)(slot - map->slots), i = hole;

	for (;;) {
		uint32_t home;

		i = (i + 1) & map->mask;
		if (map->slots[i].key == 0)
			break;
		home = (uint32_t)pmt_idmap_hash(map->slots[i].key) & map->mask;
		/* One that a search from its home finds without the hole. */
		if (((i - home) & map->mask) < ((i - hole) & map->mask))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	map->slots[hole].key = 0;
	map->used--;
}

void
pmt_idmap_clear(struct pmt_idmap *map)
{
	pmt_own_clear(map->slots,
		      ((size_t)map->mask + 1) * sizeof(*map->slots));
	map->used = 0;
}
