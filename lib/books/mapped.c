/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/mapped.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static uint64_t
end_of(const struct pmt_block *range)
{
	return range->address + range->size;
}

/* A range, or where one could be: behind the last of its chunk. */
struct place {
	size_t chunk, i;
};

static struct pmt_block *
at(const struct pmt_mapped *mapped, struct place place)
{
	return &mapped->chunks[place.chunk]->ranges[place.i];
}

static bool
is_end(const struct pmt_mapped *mapped, struct place place)
{
	return place.chunk == mapped->count ||
	       place.i == mapped->chunks[place.chunk]->count;
}

/* The first of COUNT ranges that ends after ADDRESS, or COUNT. */
static size_t
find(const struct pmt_block *ranges, size_t count, uint64_t address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (end_of(&ranges[middle]) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first range that ends after ADDRESS, or the end of the last chunk. */
static struct place
first_after(const struct pmt_mapped *mapped, uint64_t address)
{
	size_t low = 0, high = mapped->count;
	const struct pmt_mapped_chunk *chunk;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		chunk = mapped->chunks[middle - 1];
		if (end_of(&chunk->ranges[chunk->count - 1]) <= address)
			low = middle;
		else
			high = middle;
	}
	if (mapped->count == 0)
		return (struct place){ 0, 0 };
	chunk = mapped->chunks[low];
	return (struct place){
		low, find(chunk->ranges, chunk->count, address)
	};
}

/* An empty chunk before that of NUMBER. */
static int
add_chunk(struct pmt_mapped *mapped, size_t number)
{
	struct pmt_mapped_chunk *chunk = malloc(sizeof(*chunk));

	if (chunk == NULL ||
	    pmt_array_reserve((void **)&mapped->chunks,
			      sizeof(*mapped->chunks), mapped->count,
			      &mapped->room) != 0) {
		free(chunk);
		return -ENOMEM;
	}
	chunk->count = 0;
	memmove(&mapped->chunks[number + 1], &mapped->chunks[number],
		(mapped->count - number) * sizeof(*mapped->chunks));
	mapped->chunks[number] = chunk;
	mapped->count++;
	return 0;
}

/* Have room for a range at *PLACE. */
static int
make_room(struct pmt_mapped *mapped, struct place *place)
{
	enum { HALF = PMT_MAPPED_CHUNK / 2 };
	struct pmt_mapped_chunk *full, *rest;

	if (mapped->count == 0)
		return add_chunk(mapped, 0);
	full = mapped->chunks[place->chunk];
	if (full->count < PMT_MAPPED_CHUNK)
		return 0;
	if (add_chunk(mapped, place->chunk + 1) < 0)
		return -ENOMEM;
	rest = mapped->chunks[place->chunk + 1];
	memcpy(rest->ranges, &full->ranges[HALF],
	       (PMT_MAPPED_CHUNK - HALF) * sizeof(*rest->ranges));
	rest->count = PMT_MAPPED_CHUNK - HALF;
	full->count = HALF;
	if (place->i > HALF)
		*place = (struct place){ place->chunk + 1, place->i - HALF };
	return 0;
}

static int
insert(struct pmt_mapped *mapped, struct place place,
       const struct pmt_block *range)
{
	struct pmt_mapped_chunk *chunk;

	if (make_room(mapped, &place) < 0)
		return -ENOMEM;
	chunk = mapped->chunks[place.chunk];
	memmove(&chunk->ranges[place.i + 1], &chunk->ranges[place.i],
		(chunk->count - place.i) * sizeof(*chunk->ranges));
	chunk->ranges[place.i] = *range;
	chunk->count++;
	return 0;
}

/* *PLACE is then that of the next one. */
static void
delete(struct pmt_mapped *mapped, struct place *place)
{
	struct pmt_mapped_chunk *chunk = mapped->chunks[place->chunk];

	chunk->count--;
	memmove(&chunk->ranges[place->i], &chunk->ranges[place->i + 1],
		(chunk->count - place->i) * sizeof(*chunk->ranges));
	if (place->i < chunk->count)
		return;
	if (chunk->count == 0) {
		free(chunk);
		mapped->count--;
		memmove(&mapped->chunks[place->chunk],
			&mapped->chunks[place->chunk + 1],
			(mapped->count - place->chunk) *
			sizeof(*mapped->chunks));
	} else {
		place->chunk++;
	}
	place->i = 0;
}

void
pmt_mapped_fini(struct pmt_mapped *mapped)
{
	for (size_t i = 0; i < mapped->count; i++)
		free(mapped->chunks[i]);
	free(mapped->chunks);
	*mapped = (struct pmt_mapped){ 0 };
}

int
pmt_mapped_add(struct pmt_mapped *mapped, const struct pmt_block *range)
{
	if (range->size == 0)
		return 0;
	return insert(mapped, first_after(mapped, range->address), range);
}

bool
pmt_mapped_at(const struct pmt_mapped *mapped, uint64_t address,
	      struct pmt_block *range)
{
	struct place place = first_after(mapped, address);

	if (is_end(mapped, place) || at(mapped, place)->address > address)
		return false;
	*range = *at(mapped, place);
	return true;
}

void
pmt_mapped_remove(struct pmt_mapped *mapped, uint64_t address, uint64_t size,
		  void (*lost)(const struct pmt_block *,
			       const struct pmt_block *, void *),
		  void *arg)
{
	uint64_t end = address + size < address ? UINT64_MAX : address + size;
	struct place place = first_after(mapped, address);

	while (!is_end(mapped, place) && at(mapped, place)->address < end) {
		struct pmt_block *range = at(mapped, place), part = *range;
		struct pmt_block rest = *range;

		if (part.address < address)
			part.address = address;
		rest.address = end_of(range) < end ? end_of(range) : end;
		rest.size = end_of(range) - rest.address;
		part.size = rest.address - part.address;
		lost(&part, range, arg);
		/* What stays before it, behind it, or both, or nothing. */
		if (part.size == range->size) {
			delete(mapped, &place);
			continue;
		}
		if (part.address == range->address) {
			*range = rest;
			return;
		}
		range->size = part.address - range->address;
		place.i++;
		/* Without memory what is behind is lost to the books. */
		if (rest.size > 0) {
			pmt_ignore(insert(mapped, place, &rest));
			return;
		}
		if (is_end(mapped, place))
			place = (struct place){ place.chunk + 1, 0 };
	}
}
