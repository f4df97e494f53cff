/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/mapped.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
end_of(const struct pmt_block *range)
{
	return range->address + range->size;
}

/* The first range that ends after ADDRESS. */
static size_t
first_after(const struct pmt_mapped *mapped, uint64_t address)
{
	size_t low = 0, high = mapped->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (end_of(&mapped->ranges[middle]) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
make_room(struct pmt_mapped *mapped)
{
	size_t room = mapped->room == 0 ? 64 : 2 * mapped->room;
	void *ranges;

	if (mapped->count < mapped->room)
		return 0;
	ranges = reallocarray(mapped->ranges, room, sizeof(*mapped->ranges));
	if (ranges == NULL)
		return -ENOMEM;
	mapped->ranges = ranges;
	mapped->room = room;
	return 0;
}

static void
insert(struct pmt_mapped *mapped, size_t i, const struct pmt_block *range)
{
	memmove(&mapped->ranges[i + 1], &mapped->ranges[i],
		(mapped->count - i) * sizeof(*mapped->ranges));
	mapped->ranges[i] = *range;
	mapped->count++;
}

static void
delete(struct pmt_mapped *mapped, size_t i)
{
	mapped->count--;
	memmove(&mapped->ranges[i], &mapped->ranges[i + 1],
		(mapped->count - i) * sizeof(*mapped->ranges));
}

void
pmt_mapped_fini(struct pmt_mapped *mapped)
{
	free(mapped->ranges);
	*mapped = (struct pmt_mapped){ 0 };
}

int
pmt_mapped_add(struct pmt_mapped *mapped, const struct pmt_block *range)
{
	int err = make_room(mapped);

	if (err == 0 && range->size > 0)
		insert(mapped, first_after(mapped, range->address), range);
	return err;
}

bool
pmt_mapped_at(const struct pmt_mapped *mapped, uint64_t address,
	      struct pmt_block *range)
{
	size_t i = first_after(mapped, address);

	if (i == mapped->count || mapped->ranges[i].address > address)
		return false;
	*range = mapped->ranges[i];
	return true;
}

void
pmt_mapped_remove(struct pmt_mapped *mapped, uint64_t address, uint64_t size,
		  void (*lost)(const struct pmt_block *,
			       const struct pmt_block *, void *),
		  void *arg)
{
	uint64_t end = address + size < address ? UINT64_MAX : address + size;
	size_t i = first_after(mapped, address);

	while (i < mapped->count && mapped->ranges[i].address < end) {
		struct pmt_block *range = &mapped->ranges[i], part = *range;
		uint64_t range_end = end_of(range);

		if (part.address < address)
			part.address = address;
		part.size = (range_end < end ? range_end : end) - part.address;
		lost(&part, range, arg);
		/* What stays before it, behind it, or both, or nothing. */
		if (part.size == range->size) {
			delete(mapped, i);
			continue;
		}
		if (part.address == range->address) {
			range->address = end;
			range->size = range_end - end;
			return;
		}
		range->size = part.address - range->address;
		if (end < range_end && make_room(mapped) == 0) {
			struct pmt_block rest = mapped->ranges[i];

			rest.address = end;
			rest.size = range_end - end;
			insert(mapped, i + 1, &rest);
			return;
		}
		i++;
	}
}
