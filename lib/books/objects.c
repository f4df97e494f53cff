/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/objects.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { FIRST_SLOTS = 1024, FIRST_ROOM = 256 };

/*
 * Allocators place side by side what is made together, so 16 slots in a row
 * take turns for 256 bytes of memory; which 16 they are, is mixed.  The lowest
 * bits are the slot, in tables of any size.
 */
static uint32_t
hash_of(const struct pmt_objects *objects, uint64_t address)
{
	uint64_t region = (address >> 8) * objects->seed;

	return (uint32_t)(region >> 36) << 4 | (uint32_t)(address >> 4 & 15);
}

int
pmt_objects_init(struct pmt_objects *objects)
{
	*objects = (struct pmt_objects){ .mask = FIRST_SLOTS - 1 };
	objects->seed = (0x9e3779b97f4a7c15u ^ (uintptr_t)objects ^
			 (uint64_t)time(NULL) << 32) | 1;
	objects->slots = calloc(FIRST_SLOTS, sizeof(*objects->slots));
	return objects->slots == NULL ? -ENOMEM : 0;
}

void
pmt_objects_fini(struct pmt_objects *objects)
{
	free(objects->list);
	free(objects->slots);
}

/* The slot of ADDRESS, or the empty one that it would get. */
static struct pmt_object_slot *
find_slot(const struct pmt_objects *objects, uint64_t address, uint32_t hash)
{
	struct pmt_object_slot *slots = objects->slots;
	uint32_t i = hash & objects->mask;

	while (slots[i].number != 0 &&
	       (slots[i].hash != hash ||
		objects->list[slots[i].number - 1].address != address))
		i = (i + 1) & objects->mask;
	return &slots[i];
}

/* Close the gap, so that no search ends too early. */
static void
empty_slot(struct pmt_objects *objects, const struct pmt_object_slot *slot)
{
	struct pmt_object_slot *slots = objects->slots;
	uint32_t mask = objects->mask, gap = (uint32_t)(slot - slots);

	for (uint32_t i = (gap + 1) & mask; slots[i].number != 0;
	     i = (i + 1) & mask) {
		/* May it move back, or would that be before its home? */
		if (((i - slots[i].hash) & mask) >= ((i - gap) & mask)) {
			slots[gap] = slots[i];
			gap = i;
		}
	}
	slots[gap].number = 0;
}

static int
grow_slots(struct pmt_objects *objects)
{
	struct pmt_object_slot *old = objects->slots, *slots;
	uint32_t mask = objects->mask * 2 + 1;

	if (mask == UINT32_MAX)
		return -ENOMEM;
	slots = calloc((size_t)mask + 1, sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i <= objects->mask; i++) {
		uint32_t to = old[i].hash & mask;

		if (old[i].number == 0)
			continue;
		while (slots[to].number != 0)
			to = (to + 1) & mask;
		slots[to] = old[i];
	}
	free(old);
	objects->slots = slots;
	objects->mask = mask;
	return 0;
}

static int
grow_list(struct pmt_objects *objects)
{
	uint32_t room = objects->room == 0 ? FIRST_ROOM : objects->room * 2;
	void *list;

	if (objects->listed < objects->room || objects->gap != 0)
		return 0;
	if (room < objects->room)
		return -ENOMEM;
	list = reallocarray(objects->list, room, sizeof(*objects->list));
	if (list == NULL)
		return -ENOMEM;
	objects->list = list;
	objects->room = room;
	return 0;
}

/* A number for one more object; the last gap is likely to be in a cache. */
static uint32_t
take_number(struct pmt_objects *objects)
{
	uint32_t number = objects->gap;

	if (number == 0)
		return ++objects->listed;
	objects->gap = objects->list[number - 1].site;
	return number;
}

struct pmt_object *
pmt_objects_put(struct pmt_objects *objects, uint64_t address, bool *is_new)
{
	uint32_t hash = hash_of(objects, address);
	struct pmt_object_slot *slot = find_slot(objects, address, hash);

	*is_new = slot->number == 0;
	if (!*is_new)
		return &objects->list[slot->number - 1];
	if (grow_list(objects) != 0)
		return NULL;
	if (objects->live > objects->mask / 2) {
		if (grow_slots(objects) != 0)
			return NULL;
		slot = find_slot(objects, address, hash);
	}
	objects->live++;
	slot->hash = hash;
	slot->number = take_number(objects);
	objects->list[slot->number - 1].address = address;
	return &objects->list[slot->number - 1];
}

struct pmt_object *
pmt_objects_find(const struct pmt_objects *objects, uint64_t address)
{
	const struct pmt_object_slot *slot =
		find_slot(objects, address, hash_of(objects, address));

	return slot->number == 0 ? NULL : &objects->list[slot->number - 1];
}

bool
pmt_objects_take(struct pmt_objects *objects, uint64_t address,
		 struct pmt_object *former)
{
	struct pmt_object_slot *slot = find_slot(objects, address,
						 hash_of(objects, address));
	struct pmt_object *object;

	if (slot->number == 0)
		return false;
	object = &objects->list[slot->number - 1];
	*former = *object;
	object->address = 0;
	object->site = objects->gap;
	objects->gap = slot->number;
	empty_slot(objects, slot);
	objects->live--;
	return true;
}

size_t
pmt_objects_memory(const struct pmt_objects *objects)
{
	return objects->room * sizeof(*objects->list) +
	       ((size_t)objects->mask + 1) * sizeof(*objects->slots);
}

void
pmt_objects_expect(const struct pmt_objects *objects, uint64_t address)
{
	uint32_t hash = hash_of(objects, address);

	__builtin_prefetch(&objects->slots[hash & objects->mask]);
}

const struct pmt_object *
pmt_objects_next(const struct pmt_objects *objects,
		 const struct pmt_object *object)
{
	const struct pmt_object *end;

	if (objects->listed == 0)
		return NULL;
	end = objects->list + objects->listed;
	object = object == NULL ? objects->list : object + 1;
	while (object < end && object->address == 0)
		object++;
	return object < end ? object : NULL;
}
