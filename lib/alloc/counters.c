/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/counters.h"

#include <errno.h>
#include <string.h>

#include "alloc/names.h"
#include "alloc/own.h"
#include "alloc/sampler.h"
#include "log/alloclog.h"

/* A block's value: its stack's node, as names.h bounds it, and its size. */
enum { NODE_BITS = 23, FIRST_SUMS = 1024 };

#define MOST_BYTES (UINT64_MAX >> NODE_BITS)

struct counter {
	struct pmt_alloc_sum sum;
	uint64_t epoch;		/* of the peak that sum.at_peak is of */
};

static struct counter *counters;
static size_t room;
static uint64_t live, peak, peak_epoch;

int
pmt_counters_init(void)
{
	counters = pmt_own_get(FIRST_SUMS * sizeof(*counters));
	if (counters == NULL)
		return -ENOMEM;
	room = FIRST_SUMS;
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

void
pmt_counters_add(struct pmt_self *self, uint32_t node, const void *address,
		 size_t size)
{
	struct counter *counter = find(&node);
	uint64_t bytes = size < MOST_BYTES ? size : MOST_BYTES;

	/* What was there was freed where we could not see it. */
	pmt_counters_unmap(self, address, size);
	if (!pmt_blocks_add((uintptr_t)address,
			    (bytes + 1) << NODE_BITS | node))
		return;
	counter->sum.total += bytes;
	counter->sum.count++;
	change(counter, bytes, 1);
	self->last = (uintptr_t)address;
}

void
pmt_counters_remove(struct pmt_self *self, const void *address,
		    uint64_t value)
{
	struct counter *counter = &counters[value & ((1 << NODE_BITS) - 1)];

	if (self->last == (uintptr_t)address)
		counter->sum.temporary++;
	change(counter, -((value >> NODE_BITS) - 1), (uint64_t)-1);
}

void
pmt_counters_restore(uint64_t value)
{
	struct counter *counter = &counters[value & ((1 << NODE_BITS) - 1)];

	change(counter, (value >> NODE_BITS) - 1, 1);
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
	uint32_t node = value & ((1 << NODE_BITS) - 1);

	if (value == 0)
		return;
	change(&counters[node], -((value >> NODE_BITS) - 1), (uint64_t)-1);
	if (pmt_blocks_add((uintptr_t)moved,
			   ((uint64_t)new_size + 1) << NODE_BITS | node))
		change(&counters[node], new_size, 1);
}

void
pmt_counters_clear(void)
{
	pmt_blocks_clear();
	memset(counters, 0, room * sizeof(*counters));
	live = peak = 0;
	peak_epoch = 0;
}

void
pmt_counters_write(void (*write)(const void *, size_t))
{
	for (uint32_t node = 0;
	     node < room && node <= pmt_names.node_count; node++) {
		uint8_t record[96], *p = record;
		struct counter *counter = &counters[node];
		const struct pmt_alloc_sum *sum = &counter->sum;

		if (sum->count == 0)
			continue;
		change(counter, 0, 0);
		*p++ = PMT_ALLOC_MORE | PMT_ALLOC_SUM << 3;
		p = pmt_put_varint(p, node);
		p = pmt_put_varint(p, sum->live);
		p = pmt_put_varint(p, sum->blocks);
		p = pmt_put_varint(p, sum->at_peak);
		p = pmt_put_varint(p, sum->blocks_at_peak);
		p = pmt_put_varint(p, sum->total);
		p = pmt_put_varint(p, sum->count);
		p = pmt_put_varint(p, sum->temporary);
		write(record, (size_t)(p - record));
	}
}
