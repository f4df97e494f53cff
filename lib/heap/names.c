/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/names.h"

#include <string.h>

struct pmt_known_name {
	uint64_t address;	/* 0: free */
	uint32_t number;
};

static uint64_t
text_hash(const char *text, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

static size_t
address_hash(uint64_t address)
{
	return (size_t)((address >> 4) * 0x9e3779b97f4a7c15u >> 24);
}

/* Slots in ROOM of SIZE bytes each; a power of two. */
static size_t
slots_in(const struct pmt_room *room, size_t size)
{
	size_t slots = 1;

	while (2 * slots * size <= room->bytes)
		slots *= 2;
	return room->bytes == 0 ? 0 : slots;
}

const char *
pmt_names_text(const struct pmt_names *names, uint32_t number)
{
	const size_t *start = names->start.start;

	return (const char *)names->text.start + start[number];
}

static uint32_t *
text_slot(const struct pmt_names *names, const struct pmt_room *room,
	  const char *text, size_t length)
{
	size_t mask = slots_in(room, sizeof(uint32_t)) - 1;
	size_t i = text_hash(text, length) & mask;
	uint32_t *slot = room->start;

	for (; slot[i] != 0; i = (i + 1) & mask) {
		const char *known = pmt_names_text(names, slot[i] - 1);

		if (strncmp(known, text, length) == 0 && known[length] == '\0')
			break;
	}
	return &slot[i];
}

static int
grow_slots(struct pmt_names *names)
{
	size_t slots = slots_in(&names->slots, sizeof(uint32_t));
	struct pmt_room bigger = { NULL, 0 };
	int err;

	if (names->count < slots / 2)
		return 0;
	err = pmt_room_grow(&bigger, 4 * slots * sizeof(uint32_t) + 1);
	if (err < 0)
		return err;
	for (uint32_t i = 0; i < names->count; i++) {
		const char *text = pmt_names_text(names, i);

		*text_slot(names, &bigger, text, strlen(text)) = i + 1;
	}
	pmt_room_free(&names->slots);
	names->slots = bigger;
	return 0;
}

uint32_t
pmt_names_add(struct pmt_names *names, const char *text, size_t length)
{
	size_t *start;
	uint32_t *slot;
	char *end;

	length = strnlen(text, length);
	if (grow_slots(names) < 0)
		return PMT_NO_NAME;
	slot = text_slot(names, &names->slots, text, length);
	if (*slot != 0)
		return *slot - 1;
	if (names->count == PMT_NO_NAME - 1 ||
	    pmt_room_grow(&names->text, names->used + length + 1) < 0 ||
	    pmt_room_grow(&names->start,
			  (names->count + 1) * sizeof(size_t)) < 0)
		return PMT_NO_NAME;
	end = (char *)names->text.start + names->used;
	memcpy(end, text, length);
	end[length] = '\0';
	start = names->start.start;
	start[names->count] = names->used;
	names->used += length + 1;
	*slot = ++names->count;
	return names->count - 1;
}

static struct pmt_known_name *
known_slot(const struct pmt_room *room, uint64_t address)
{
	struct pmt_known_name *slot = room->start;
	size_t mask = slots_in(room, sizeof(*slot)) - 1;
	size_t i = address_hash(address) & mask;

	while (slot[i].address != 0 && slot[i].address != address)
		i = (i + 1) & mask;
	return &slot[i];
}

uint32_t
pmt_names_known(const struct pmt_names *names, uint64_t address)
{
	const struct pmt_known_name *slot;

	if (names->known.start == NULL)
		return PMT_NO_NAME;
	slot = known_slot(&names->known, address);
	return slot->address == 0 ? PMT_NO_NAME : slot->number;
}

static int
grow_known(struct pmt_names *names)
{
	struct pmt_known_name *old = names->known.start;
	size_t slots = slots_in(&names->known, sizeof(*old));
	struct pmt_room bigger = { NULL, 0 };
	int err;

	if (names->known_count < slots / 2)
		return 0;
	err = pmt_room_grow(&bigger, 4 * slots * sizeof(*old) + 1);
	if (err < 0)
		return err;
	for (size_t i = 0; i < slots; i++)
		if (old[i].address != 0)
			*known_slot(&bigger, old[i].address) = old[i];
	pmt_room_free(&names->known);
	names->known = bigger;
	return 0;
}

void
pmt_names_remember(struct pmt_names *names, uint64_t address, uint32_t number)
{
	struct pmt_known_name *slot;

	if (grow_known(names) < 0)
		return;
	slot = known_slot(&names->known, address);
	names->known_count += slot->address == 0;
	*slot = (struct pmt_known_name){ address, number };
}

void
pmt_names_fini(struct pmt_names *names)
{
	pmt_room_free(&names->text);
	pmt_room_free(&names->start);
	pmt_room_free(&names->slots);
	pmt_room_free(&names->known);
	*names = (struct pmt_names){ .count = 0 };
}
