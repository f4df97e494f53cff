/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/allocations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "books/blockmap.h"
#include "books/mapped.h"

/* A damaged log may tell of more threads than there can be. */
enum { MOST_THREADS = 1 << 22 };

struct thread {
	uint64_t last;			/* address of the last block */
	struct pmt_block freed;		/* the last that was */
};

struct pmt_allocations {
	struct pmt_tallies tallies;
	struct thread *threads;		/* as many as the tallies have */
	size_t thread_room;
	struct pmt_blockmap blocks;
	struct pmt_mapped mapped;
	struct pmt_allocations_totals totals;
};

struct pmt_allocations *
pmt_allocations_new(void)
{
	return calloc(1, sizeof(struct pmt_allocations));
}

void
pmt_allocations_free(struct pmt_allocations *books)
{
	if (books == NULL)
		return;
	pmt_blockmap_fini(&books->blocks);
	pmt_mapped_fini(&books->mapped);
	pmt_tallies_fini(&books->tallies);
	free(books->threads);
	free(books);
}

/* Have room for both; a thread that cannot be becomes number 0. */
static int
know(struct pmt_allocations *books, uint32_t node, uint32_t *thread)
{
	size_t room;
	struct thread *bigger;

	if (*thread > MOST_THREADS)
		*thread = 0;
	if (*thread > books->totals.threads)
		books->totals.threads = *thread;
	if (pmt_tallies_know(&books->tallies, node, *thread) < 0)
		return -ENOMEM;
	room = books->tallies.thread_room;
	if (room == books->thread_room)
		return 0;
	bigger = reallocarray(books->threads, room, sizeof(*bigger));
	if (bigger == NULL)
		return -ENOMEM;
	memset(bigger + books->thread_room, 0,
	       (room - books->thread_room) * sizeof(*bigger));
	books->threads = bigger;
	books->thread_room = room;
	return 0;
}

static void
change(struct pmt_allocations *books, const struct pmt_block *block, int sign)
{
	struct pmt_amount amount = pmt_tallies_amount(&books->tallies,
						      block->size);

	pmt_tallies_change(&books->tallies, block, amount, sign);
	pmt_tallies_sized(&books->tallies, block->size, amount, sign);
}

static int
add_block(struct pmt_allocations *books, const struct pmt_block *block,
	  bool is_new)
{
	struct pmt_block old;
	int err = pmt_blockmap_put(&books->blocks, block, &old);

	if (err < 0)
		return err;
	/* It was freed where nobody saw it. */
	if (old.address != 0)
		change(books, &old, -1);
	if (is_new) {
		pmt_tallies_allocated(&books->tallies, block,
				      pmt_tallies_amount(&books->tallies,
							 block->size));
		books->threads[block->thread].last = block->address;
	}
	change(books, block, 1);
	return 0;
}

static void
free_block(struct pmt_allocations *books, uint64_t address, uint32_t thread)
{
	struct thread *by = &books->threads[thread];
	struct pmt_block block;

	by->freed.address = 0;
	if (!pmt_blockmap_take(&books->blocks, address, &block)) {
		books->totals.unknown++;
		return;
	}
	change(books, &block, -1);
	/* Of a sample nobody knows what came between. */
	if (by->last == address && books->tallies.rate == 0)
		pmt_tallies_temporary(&books->tallies, &block,
				      (struct pmt_amount){ block.size, 1 });
	by->freed = block;
}

/* Of maps all are noted, even where blocks are sampled. */
static void
change_mapped(struct pmt_allocations *books, const struct pmt_block *block,
	      uint64_t blocks, int sign)
{
	struct pmt_amount amount = { block->size, blocks };

	pmt_tallies_map(&books->tallies, block, sign);
	pmt_tallies_change(&books->tallies, block, amount, sign);
}

static void
size_map(struct pmt_allocations *books, uint64_t size, int sign)
{
	struct pmt_amount amount = { size, 1 };

	if (size > 0)
		pmt_tallies_sized(&books->tallies, size, amount, sign);
}

static int
add_map(struct pmt_allocations *books, const struct pmt_block *block)
{
	change_mapped(books, block, 1, 1);
	size_map(books, block->size, 1);
	return pmt_mapped_add(&books->mapped, block);
}

/* For pmt_mapped: a part of a map is gone; two may be left of it, or none. */
static void
lose_mapped(const struct pmt_block *part, const struct pmt_block *range,
	    void *arg)
{
	uint64_t before = part->address - range->address;
	uint64_t behind = range->size - before - part->size;

	change_mapped(arg, part,
		      1 - (uint64_t)(before > 0) - (uint64_t)(behind > 0), -1);
	size_map(arg, range->size, -1);
	size_map(arg, before, 1);
	size_map(arg, behind, 1);
}

static int
map(struct pmt_allocations *books, const struct pmt_block *block)
{
	pmt_mapped_remove(&books->mapped, block->address, block->size,
			  lose_mapped, books);
	pmt_tallies_allocated(&books->tallies, block,
			      (struct pmt_amount){ block->size, 1 });
	return add_map(books, block);
}

/* Maps are in whole pages, whatever was asked for. */
static uint64_t
pages(uint64_t size)
{
	return (size + 4095) & ~UINT64_C(4095);
}

/* It stays the one who mapped it who holds it. */
static int
remap(struct pmt_allocations *books, const struct pmt_alloc_event *event)
{
	struct pmt_block block;

	if (!pmt_mapped_at(&books->mapped, event->address, &block))
		return 0;
	pmt_mapped_remove(&books->mapped, event->address,
			  pages(event->size), lose_mapped, books);
	block.address = event->moved;
	block.size = pages(event->moved_size);
	pmt_mapped_remove(&books->mapped, block.address, block.size,
			  lose_mapped, books);
	if (block.size > pages(event->size))
		pmt_tallies_allocated(&books->tallies, &block,
				      (struct pmt_amount){
			block.size - pages(event->size), 0 });
	return add_map(books, &block);
}

static void
note_rss(struct pmt_allocations_totals *totals, uint64_t bytes)
{
	if (!totals->begun)
		totals->rss_begin = bytes;
	totals->rss_end = bytes;
	if (bytes > totals->rss_peak)
		totals->rss_peak = bytes;
}

/* The program begins: forget what was allocated on the way to it. */
void
pmt_allocations_begin(struct pmt_allocations *books)
{
	struct pmt_allocations_totals *totals = &books->totals;

	totals->before += books->tallies.all.live;
	totals->begun = true;
	totals->unknown = 0;
	pmt_blockmap_fini(&books->blocks);
	pmt_mapped_fini(&books->mapped);
	pmt_tallies_clear(&books->tallies);
	if (books->thread_room > 0)
		memset(books->threads, 0,
		       books->thread_room * sizeof(*books->threads));
}

/* What a summary says, instead of blocks. */
static int
add_told(struct pmt_allocations *books, const struct pmt_alloc_event *event)
{
	struct pmt_allocations_totals *totals = &books->totals;
	uint32_t nobody = 0;
	int err = know(books, event->node, &nobody);

	if (err < 0)
		return err;
	switch (event->what) {
	case PMT_ALLOC_IS_SUM:
		pmt_alloc_sum_add(&books->tallies.nodes[event->node].sum,
				  &event->sum);
		pmt_alloc_sum_add(&books->tallies.all, &event->sum);
		return 0;
	case PMT_ALLOC_IS_HELD:
		return pmt_slices_tell(&books->tallies.slices, event->node,
				       event->moments);
	case PMT_ALLOC_IS_SIZES:
		pmt_tallies_sizes(&books->tallies, event->size, &event->sum);
		return 0;
	default:
		totals->before = event->size;
		totals->arenas = event->moved;
		totals->arena_blocks = event->moved_size;
		return 0;
	}
}

static bool
is_told(enum pmt_alloc_what what)
{
	return what == PMT_ALLOC_IS_SUM || what == PMT_ALLOC_IS_HELD ||
	       what == PMT_ALLOC_IS_SIZES || what == PMT_ALLOC_IS_ELSEWHERE;
}

static int
add_memory(struct pmt_allocations *books, const struct pmt_alloc_event *event)
{
	struct pmt_block block = {
		event->address, event->size, event->node, event->thread,
	};
	int err = know(books, block.node, &block.thread);

	if (err < 0)
		return err;
	switch (event->what) {
	case PMT_ALLOC_IS_BLOCK:
		return add_block(books, &block, true);
	case PMT_ALLOC_IS_FREE:
		free_block(books, block.address, block.thread);
		return 0;
	case PMT_ALLOC_IS_KEPT:
		block = books->threads[block.thread].freed;
		return block.address == 0 ? 0
					  : add_block(books, &block, false);
	case PMT_ALLOC_IS_MAP:
		block.size = pages(block.size);
		return map(books, &block);
	default:
		pmt_mapped_remove(&books->mapped, block.address,
				  pages(block.size),
				  lose_mapped, books);
		return 0;
	}
}

int
pmt_allocations_add(struct pmt_allocations *books,
		const struct pmt_alloc_event *event)
{
	struct pmt_allocations_totals *totals = &books->totals;

	if (is_told(event->what))
		return add_told(books, event);
	if (totals->ended)
		return 0;
	switch (event->what) {
	case PMT_ALLOC_IS_BLOCK:
	case PMT_ALLOC_IS_FREE:
	case PMT_ALLOC_IS_KEPT:
	case PMT_ALLOC_IS_MAP:
	case PMT_ALLOC_IS_UNMAP:
		return add_memory(books, event);
	case PMT_ALLOC_IS_REMAP:
		return remap(books, event);
	case PMT_ALLOC_IS_ARENA:
		totals->arenas += event->size;
		totals->arena_blocks++;
		return 0;
	case PMT_ALLOC_IS_ARENA_FREE:
		/* A fork's parent had some that this log does not know. */
		totals->arenas -= event->size < totals->arenas
				  ? event->size : totals->arenas;
		totals->arena_blocks -= totals->arena_blocks > 0;
		return 0;
	case PMT_ALLOC_IS_TICK:
		note_rss(totals, event->moved * 1024);
		return 0;
	case PMT_ALLOC_IS_RATE:
		totals->rate = books->tallies.rate = event->size;
		return 0;
	case PMT_ALLOC_IS_MARK:
		if (event->mark == PMT_ALLOC_BEGIN)
			pmt_allocations_begin(books);
		totals->ended = event->mark == PMT_ALLOC_END;
		return 0;
	default:
		return 0;
	}
}

void
pmt_allocations_finish(struct pmt_allocations *books)
{
	pmt_tallies_finish(&books->tallies);
	books->totals.all = books->tallies.all;
}

uint32_t
pmt_allocations_at(const struct pmt_allocations *books, uint64_t address)
{
	const struct pmt_block *block = pmt_blockmap_find(&books->blocks,
							  address);

	return block == NULL ? PMT_NO_BLOCK : block->node;
}

uint64_t
pmt_allocations_live(const struct pmt_allocations *books)
{
	return books->tallies.all.live;
}

uint64_t
pmt_allocations_allocated(const struct pmt_allocations *books)
{
	return books->tallies.all.total;
}

const struct pmt_allocations_totals *
pmt_allocations_totals(const struct pmt_allocations *books)
{
	return &books->totals;
}

struct pmt_alloc_sum
pmt_allocations_node(const struct pmt_allocations *books, uint32_t node)
{
	return node < books->tallies.node_room
		? books->tallies.nodes[node].sum
		: (struct pmt_alloc_sum){ 0 };
}

struct pmt_alloc_sum
pmt_allocations_thread(const struct pmt_allocations *books, uint32_t thread)
{
	return thread < books->tallies.thread_room
		? books->tallies.threads[thread].sum
		: (struct pmt_alloc_sum){ 0 };
}

const struct pmt_size_tally *
pmt_allocations_sizes(const struct pmt_allocations *books)
{
	return books->tallies.sizes;
}

void
pmt_allocations_moments(const struct pmt_allocations *books, uint32_t node,
			int64_t *moments, unsigned count)
{
	pmt_slices_add(&books->tallies.slices, node, moments, count);
}

void
pmt_allocations_axis(const struct pmt_allocations *books, int64_t *allocated,
		     unsigned count)
{
	pmt_slices_moments(&books->tallies.slices, allocated, count);
}
