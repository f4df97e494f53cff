/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/tallies.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void
pmt_tallies_fini(struct pmt_tallies *tallies)
{
	free(tallies->nodes);
	free(tallies->threads);
	pmt_slices_fini(&tallies->slices);
}

/* Have zeroed room for INDEX. */
static int
make_room(struct pmt_tally **array, size_t *room, size_t index)
{
	size_t more = *room == 0 ? 256 : *room;
	struct pmt_tally *bigger;

	if (index < *room)
		return 0;
	while (more <= index)
		more *= 2;
	bigger = reallocarray(*array, more, sizeof(*bigger));
	if (bigger == NULL)
		return -ENOMEM;
	memset(bigger + *room, 0, (more - *room) * sizeof(*bigger));
	*array = bigger;
	*room = more;
	return 0;
}

int
pmt_tallies_know(struct pmt_tallies *tallies, uint32_t node, uint32_t thread)
{
	int err = make_room(&tallies->nodes, &tallies->node_room, node);

	if (err == 0)
		err = make_room(&tallies->threads, &tallies->thread_room,
				thread);
	return err < 0 ? err : pmt_slices_know(&tallies->slices, node);
}

void
pmt_tallies_clear(struct pmt_tallies *tallies)
{
	tallies->all = (struct pmt_alloc_sum){ 0 };
	tallies->peak_epoch = 0;
	memset(tallies->sizes, 0, sizeof(tallies->sizes));
	pmt_slices_clear(&tallies->slices);
	if (tallies->node_room > 0)
		memset(tallies->nodes, 0,
		       tallies->node_room * sizeof(*tallies->nodes));
	if (tallies->thread_room > 0)
		memset(tallies->threads, 0,
		       tallies->thread_room * sizeof(*tallies->threads));
}

/* A block is in the sample with probability 1 - exp(-size / rate). */
struct pmt_amount
pmt_tallies_amount(const struct pmt_tallies *tallies, uint64_t size)
{
	double weight;

	if (tallies->rate == 0 || size == 0)
		return (struct pmt_amount){ size, 1 };
	weight = -1 / expm1(-(double)size / (double)tallies->rate);
	return (struct pmt_amount){
		(uint64_t)llround(weight * (double)size),
		(uint64_t)llround(weight),
	};
}

static void
keep_peak(const struct pmt_tallies *tallies, struct pmt_tally *tally)
{
	struct pmt_alloc_sum *sum = &tally->sum;

	if (tally->epoch == tallies->peak_epoch)
		return;
	sum->at_peak = sum->live;
	sum->blocks_at_peak = sum->blocks;
	tally->epoch = tallies->peak_epoch;
}

/* Of blocks from 2^i to 2^(i + 1) bytes; those of none are with 1. */
static struct pmt_size_tally *
size_tally(struct pmt_tallies *tallies, uint64_t size)
{
	unsigned int i = 63 - (unsigned int)__builtin_clzll(size | 1);

	return &tallies->sizes[i < PMT_TALLIES_SIZES ? i
						     : PMT_TALLIES_SIZES - 1];
}

static void
change_tally(const struct pmt_tallies *tallies, struct pmt_tally *tally,
	     struct pmt_amount amount)
{
	keep_peak(tallies, tally);
	tally->sum.live += amount.bytes;
	tally->sum.blocks += amount.blocks;
}

void
pmt_tallies_change(struct pmt_tallies *tallies, const struct pmt_block *block,
		   struct pmt_amount amount, int sign)
{
	struct pmt_alloc_sum *all = &tallies->all;

	if (sign < 0)
		amount = (struct pmt_amount){ -amount.bytes, -amount.blocks };
	change_tally(tallies, &tallies->nodes[block->node], amount);
	change_tally(tallies, &tallies->threads[block->thread], amount);
	all->live += amount.bytes;
	all->blocks += amount.blocks;
	pmt_slices_set(&tallies->slices, block->node, all->total,
		       tallies->nodes[block->node].sum.live);
	if (sign > 0 && all->live > all->at_peak) {
		all->at_peak = all->live;
		all->blocks_at_peak = all->blocks;
		tallies->peak_epoch++;
	}
}

void
pmt_tallies_sized(struct pmt_tallies *tallies, uint64_t size,
		  struct pmt_amount amount, int sign)
{
	struct pmt_size_tally *sizes = size_tally(tallies, size);

	sizes->live += sign < 0 ? -amount.bytes : amount.bytes;
	sizes->blocks += sign < 0 ? -amount.blocks : amount.blocks;
}

void
pmt_tallies_map(struct pmt_tallies *tallies, const struct pmt_block *block,
		int sign)
{
	uint64_t bytes = sign < 0 ? -block->size : block->size;

	tallies->all.mapped += bytes;
	tallies->nodes[block->node].sum.mapped += bytes;
	tallies->threads[block->thread].sum.mapped += bytes;
}

void
pmt_tallies_sizes(struct pmt_tallies *tallies, uint64_t n,
		  const struct pmt_alloc_sum *sum)
{
	struct pmt_size_tally *sizes = &tallies->sizes[
		n < PMT_TALLIES_SIZES ? n : PMT_TALLIES_SIZES - 1];

	sizes->live += sum->live;
	sizes->blocks += sum->blocks;
	sizes->count += sum->count;
}

static void
add_total(struct pmt_alloc_sum *sum, struct pmt_amount amount)
{
	sum->total += amount.bytes;
	sum->count += amount.blocks;
}

void
pmt_tallies_allocated(struct pmt_tallies *tallies,
		      const struct pmt_block *block, struct pmt_amount amount)
{
	add_total(&tallies->all, amount);
	size_tally(tallies, block->size)->count += amount.blocks;
	add_total(&tallies->nodes[block->node].sum, amount);
	add_total(&tallies->threads[block->thread].sum, amount);
}

void
pmt_tallies_temporary(struct pmt_tallies *tallies,
		      const struct pmt_block *block, struct pmt_amount amount)
{
	tallies->all.temporary += amount.blocks;
	tallies->nodes[block->node].sum.temporary += amount.blocks;
	tallies->threads[block->thread].sum.temporary += amount.blocks;
}

void
pmt_tallies_finish(struct pmt_tallies *tallies)
{
	for (size_t i = 0; i < tallies->node_room; i++)
		keep_peak(tallies, &tallies->nodes[i]);
	for (size_t i = 0; i < tallies->thread_room; i++)
		keep_peak(tallies, &tallies->threads[i]);
}
