/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/sampler.h"

#include <string.h>

uint64_t pmt_sampler_rate;
struct pmt_blocks pmt_blocks;

/* The natural logarithm of X, 0 < X <= 1: libm is not ours to load. */
static double
logarithm(double x)
{
	int halvings = 0;
	double y, square;

	while (x < 0.70710678) {
		x *= 2;
		halvings++;
	}
	y = (x - 1) / (x + 1);
	square = y * y;
	return 2 * y * (1 + square * (1.0 / 3 + square * (1.0 / 5 +
		square * (1.0 / 7 + square * (1.0 / 9 + square / 11))))) -
	       halvings * 0.69314718055994531;
}

int64_t
pmt_sampler_draw(struct pmt_self *self)
{
	uint64_t x = self->random;
	double uniform;

	/* xorshift64*, of which the high bits are good. */
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	self->random = x;
	x *= UINT64_C(0x2545F4914F6CDD1D);
	uniform = (double)((x >> 11) + 1) * (1.0 / 9007199254740992.0);
	return (int64_t)(-logarithm(uniform) * (double)pmt_sampler_rate) + 1;
}

/* 1 - exp(-X), X >= 0, which libm's expm1() is for. */
static double
probability(double x)
{
	int halvings = 0;
	double y;

	if (x > 40)
		return 1;
	while (x > 0.1) {
		x /= 2;
		halvings++;
	}
	y = x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 *
		(1 - x / 6)))));
	while (halvings-- > 0)
		y *= 2 - y;
	return y;
}

double
pmt_sampler_weight(uint64_t size)
{
	if (pmt_sampler_rate == 0 || size == 0)
		return 1;
	return 1 / probability((double)size / (double)pmt_sampler_rate);
}

int
pmt_blocks_init(void)
{
	return pmt_idmap_init(&pmt_blocks.map);
}

/* False: memory is short. */
bool
pmt_blocks_add(uintptr_t address, uint64_t value)
{
	uint8_t *counter = &pmt_blocks.filter[pmt_blocks_hash(address)];
	struct pmt_idslot *slot = pmt_idmap_find(&pmt_blocks.map, address);

	/* An old block that was freed where we could not see it. */
	if (slot->key != 0) {
		slot->value = value;
		return true;
	}
	if (pmt_idmap_add(&pmt_blocks.map, address, value) == NULL) {
		pmt_blocks.lost++;
		return false;
	}
	if (*counter != UINT8_MAX)
		(*counter)++;
	return true;
}

uint64_t
pmt_blocks_take(uintptr_t address)
{
	uint8_t *counter = &pmt_blocks.filter[pmt_blocks_hash(address)];
	struct pmt_idslot *slot = pmt_idmap_find(&pmt_blocks.map, address);
	uint64_t value = slot->value;

	if (slot->key == 0)
		return 0;
	pmt_idmap_remove(&pmt_blocks.map, slot);
	if (*counter != UINT8_MAX)
		(*counter)--;
	return value;
}

void
pmt_blocks_clear(void)
{
	pmt_idmap_clear(&pmt_blocks.map);
	memset(pmt_blocks.filter, 0, sizeof(pmt_blocks.filter));
	pmt_blocks.lost = 0;
}
