/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/counters.h"

#include <errno.h>
#include <string.h>

#include "alloc/history.h"
#include "alloc/names.h"
#include "alloc/own.h"
#include "alloc/sampler.h"
#include "log/alloclog.h"

/*
 * A block's value: its stack's node, as names.h bounds it, whether it is a map,
 * and its size plus 1.
 */
enum { NODE_BITS = 23, FLAG_BITS = NODE_BITS + 1, FIRST_SUMS = 1024 };

#define MAPPED (UINT64_C(1) << NODE_BITS)
#define MOST_BYTES ((UINT64_MAX >> FLAG_BITS) - 1)

enum { SIZE_CLASSES = 48 };

struct counter {
	struct pmt_alloc_sum sum;
	uint64_t epoch;		/* of the peak that sum.at_peak is of */
};

static struct counter *counters;
static size_t room;
static uint64_t live, peak, peak_epoch, allocated;
static uint64_t before;			/* live at the program's first line */
static uint64_t arenas, arena_blocks;	/* of pymalloc */

/* By the power of two below their size. */
static struct {
	uint64_t live, blocks, count;
} sizes[SIZE_CLASSES];

static uint32_t
node_of(uint64_t value)
{
	return value & ((1 << NODE_BITS) - 1);
}

static uint64_t
bytes_of(uint64_t value)
{
	return (value >> FLAG_BITS) - 1;
}

/* What a block counts for; the same when it goes as when it came. */
struct amount {
	uint64_t bytes, blocks;
};

static struct amount
amount_of(uint64_t value)
{
	uint64_t bytes = bytes_of(value);
	double weight = (value & MAPPED) != 0 ? 1 : pmt_sampler_weight(bytes);

	return (struct amount){
		(uint64_t)((double)bytes * weight + 0.5),
		(uint64_t)(weight + 0.5),
	};
}

int
pmt_counters_init(void)
{
	counters = pmt_own_get(FIRST_SUMS * sizeof(*counters));
	if (counters == NULL)
		return -ENOMEM;
	room = FIRST_SUMS;
	pmt_history_clear();
	return 0;
}

/* The node's counter; the node of no stack instead if memory is short. */
static struct counter *
find(uint32_t *node)
{
	size_t bigger = room;
	void *grown;

	while (bigger <= *node)
		bigger *= 2;
	if (bigger != room) {
		grown = pmt_own_grow(counters, room * sizeof(*counters),
				     bigger * sizeof(*counters));
		if (grown != NULL) {
			counters = grown;
			room = bigger;
		} else {
			*node = 0;
		}
	}
	return &counters[*node];
}

/* What lives changes; what lived at the peak is kept the first time after. */
static void
change(struct counter *counter, uint64_t bytes, uint64_t blocks)
{
	struct pmt_alloc_sum *sum = &counter->sum;

	if (counter->epoch != peak_epoch) {
		sum->at_peak = sum->live;
		sum->blocks_at_peak = sum->blocks;
		counter->epoch = peak_epoch;
	}
	sum->live += bytes;
	sum->blocks += blocks;
	live += bytes;
	if ((int64_t)bytes > 0 && live > peak) {
		peak = live;
		peak_epoch++;
	}
}

static unsigned int
size_class(uint64_t size)
{
	unsigned int i = 63 - (unsigned int)__builtin_clzll(size | 1);

	return i < SIZE_CLASSES ? i : SIZE_CLASSES - 1;
}

/* The block of VALUE comes (SIGN 1) or goes (-1). */
static void
count(uint64_t value, uint64_t sign)
{
	struct counter *counter = &counters[node_of(value)];
	struct amount amount = amount_of(value);
	unsigned int class = size_class(bytes_of(value));

	change(counter, sign * amount.bytes, sign * amount.blocks);
	sizes[class].live += sign * amount.bytes;
	sizes[class].blocks += sign * amount.blocks;
	if ((value & MAPPED) != 0)
		counter->sum.mapped += sign * amount.bytes;
}

/* The steps that end before so many more BYTES were allocated. */
static PMT_COLD void
end_steps(uint64_t bytes)
{
	while (allocated + bytes >= pmt_history.next) {
		for (uint32_t node = 0; node < room; node++)
			if (counters[node].sum.live != 0)
				pmt_history_note(node, (uint32_t)room,
						 counters[node].sum.live);
		pmt_history_step();
	}
}

static void
add(struct pmt_self *self, uint32_t node, const void *address, size_t size,
    uint64_t flag)
{
	struct counter *counter = find(&node);
	uint64_t bytes = size < MOST_BYTES ? size : MOST_BYTES;
	uint64_t value = (bytes + 1) << FLAG_BITS | flag | node;
	struct amount amount = amount_of(value);

	/* What was there was freed where we could not see it. */
	pmt_counters_unmap(self, address, size);
	if (!pmt_blocks_add((uintptr_t)address, value))
		return;
	if (pmt_unlikely(allocated + amount.bytes >= pmt_history.next))
		end_steps(amount.bytes);
	allocated += amount.bytes;
	counter->sum.total += amount.bytes;
	counter->sum.count += amount.blocks;
	sizes[size_class(bytes)].count += amount.blocks;
	count(value, 1);
	self->last = (uintptr_t)address;
}

void
pmt_counters_add(struct pmt_self *self, uint32_t node, const void *address,
		 size_t size)
{
	add(self, node, address, size, 0);
}

void
pmt_counters_map(struct pmt_self *self, uint32_t node, const void *address,
		 size_t size)
{
	add(self, node, address, size, MAPPED);
}

void
pmt_counters_remove(struct pmt_self *self, const void *address,
		    uint64_t value)
{
	if (self->last == (uintptr_t)address)
		counters[node_of(value)].sum.temporary++;
	count(value, (uint64_t)-1);
}

void
pmt_counters_restore(uint64_t value)
{
	count(value, 1);
}

void
pmt_counters_unmap(struct pmt_self *self, const void *address, size_t size)
{
	uint64_t value = pmt_sampler_may_have(address)
		? pmt_blocks_take((uintptr_t)address) : 0;

	(void)size;
	if (value != 0)
		pmt_counters_remove(self, address, value);
}

void
pmt_counters_remap(const void *address, const void *moved, size_t new_size)
{
	uint64_t value = pmt_blocks_take((uintptr_t)address);
	uint64_t bytes = new_size < MOST_BYTES ? new_size : MOST_BYTES;

	if (value == 0)
		return;
	if (bytes > bytes_of(value)) {
		counters[node_of(value)].sum.total += bytes - bytes_of(value);
		allocated += bytes - bytes_of(value);
	}
	count(value, (uint64_t)-1);
	value = (bytes + 1) << FLAG_BITS | MAPPED | node_of(value);
	if (pmt_blocks_add((uintptr_t)moved, value))
		count(value, 1);
}

void
pmt_counters_arena(size_t size, bool comes)
{
	arenas += comes ? size : -size;
	arena_blocks += comes ? 1 : (uint64_t)-1;
}

void
pmt_counters_begin(void)
{
	uint64_t left = before + live;

	pmt_counters_clear();
	before = left;
}

void
pmt_counters_clear(void)
{
	pmt_blocks_clear();
	pmt_own_clear(counters, room * sizeof(*counters));
	memset(sizes, 0, sizeof(sizes));
	live = peak = allocated = before = 0;
	peak_epoch = 0;
	pmt_history_clear();
}

static void
write_sum(uint32_t node, const struct pmt_alloc_sum *sum,
	  void (*write)(const void *, size_t))
{
	uint8_t record[96], *p = record;

	*p++ = PMT_ALLOC_MORE | PMT_ALLOC_SUM << 3;
	p = pmt_put_varint(p, node);
	p = pmt_put_varint(p, sum->live);
	p = pmt_put_varint(p, sum->blocks);
	p = pmt_put_varint(p, sum->at_peak);
	p = pmt_put_varint(p, sum->blocks_at_peak);
	p = pmt_put_varint(p, sum->total);
	p = pmt_put_varint(p, sum->count);
	p = pmt_put_varint(p, sum->temporary);
	p = pmt_put_varint(p, sum->mapped);
	write(record, (size_t)(p - record));
}

/* Nothing of what holds nothing: it does not grow. */
static void
write_held(uint32_t node, uint64_t bytes, void (*write)(const void *, size_t))
{
	uint64_t moments[PMT_ALLOC_MOMENTS];
	uint8_t record[16 + 10 * PMT_ALLOC_MOMENTS], *p = record;

	if (bytes == 0)
		return;
	pmt_history_moments(node, bytes, moments);
	*p++ = (uint8_t)(PMT_ALLOC_MORE | PMT_ALLOC_HELD << 3);
	p = pmt_put_varint(p, node);
	for (int i = 0; i < PMT_ALLOC_MOMENTS; i++)
		p = pmt_put_varint(p, moments[i]);
	write(record, (size_t)(p - record));
}

static void
write_totals(void (*write)(const void *, size_t))
{
	uint8_t record[64], *p = record;

	*p++ = (uint8_t)(PMT_ALLOC_MORE | PMT_ALLOC_ELSEWHERE << 3);
	p = pmt_put_varint(p, before);
	p = pmt_put_varint(p, arenas);
	p = pmt_put_varint(p, arena_blocks);
	write(record, (size_t)(p - record));
	for (unsigned int i = 0; i < SIZE_CLASSES; i++) {
		if (sizes[i].count == 0 && sizes[i].blocks == 0)
			continue;
		p = record;
		*p++ = (uint8_t)(PMT_ALLOC_MORE | PMT_ALLOC_SIZES << 3);
		p = pmt_put_varint(p, i);
		p = pmt_put_varint(p, sizes[i].live);
		p = pmt_put_varint(p, sizes[i].blocks);
		p = pmt_put_varint(p, sizes[i].count);
		write(record, (size_t)(p - record));
	}
}

void
pmt_counters_write(void (*write)(const void *, size_t))
{
	write_totals(write);
	for (uint32_t node = 0;
	     node < room && node <= pmt_names.node_count; node++) {
		struct counter *counter = &counters[node];

		if (counter->sum.count == 0)
			continue;
		change(counter, 0, 0);
		write_sum(node, &counter->sum, write);
		write_held(node, counter->sum.live, write);
	}
}
