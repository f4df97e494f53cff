/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/history.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "alloc/own.h"

/* The first 32 steps then cover 32 KiB. */
enum { STEPS = 32, FIRST_SHIFT = 10 };

struct pmt_history pmt_history;

/* A trend needs no more digits than these have. */
static float (*held)[STEPS];
static uint32_t held_room;

void
pmt_history_clear(void)
{
	if (held != NULL)
		pmt_own_clear(held, held_room * sizeof(*held));
	pmt_history = (struct pmt_history){
		.next = 1 << FIRST_SHIFT, .shift = FIRST_SHIFT,
	};
}

/* Those that never hold anything take no memory: pages stay untouched. */
static bool
make_room(uint32_t room)
{
	void *grown;

	if (room <= held_room)
		return true;
	grown = held == NULL
		? pmt_own_get(room * sizeof(*held))
		: pmt_own_grow(held, held_room * sizeof(*held),
			       room * sizeof(*held));
	if (grown == NULL)
		return false;
	held = grown;
	held_room = room;
	return true;
}

void
pmt_history_note(uint32_t node, uint32_t room, uint64_t bytes)
{
	if (make_room(room))
		held[node][pmt_history.step] = (float)bytes;
}

static bool
is_empty(const float *row)
{
	for (unsigned int i = 0; i < STEPS; i++)
		if (row[i] > 0)
			return false;
	return true;
}

static void
join_pairs(void)
{
	for (uint32_t node = 0; node < held_room; node++) {
		float *row = held[node];

		if (is_empty(row))
			continue;
		for (unsigned int i = 0; i < STEPS / 2; i++)
			row[i] = row[2 * i + 1];
		memset(row + STEPS / 2, 0, STEPS / 2 * sizeof(*row));
	}
}

void
pmt_history_step(void)
{
	if (++pmt_history.step == STEPS) {
		join_pairs();
		pmt_history.step = STEPS / 2;
		pmt_history.shift++;
	}
	pmt_history.next = (uint64_t)(pmt_history.step + 1)
			   << pmt_history.shift;
}

void
pmt_history_moments(uint32_t node, uint64_t bytes,
		    uint64_t moments[PMT_ALLOC_MOMENTS])
{
	unsigned int steps = pmt_history.step + 1;

	for (unsigned int i = 0; i < PMT_ALLOC_MOMENTS; i++) {
		unsigned int step = ((i + 1) * steps + PMT_ALLOC_MOMENTS - 1) /
				    PMT_ALLOC_MOMENTS - 1;

		moments[i] = step == pmt_history.step ? bytes
			     : node < held_room ? (uint64_t)held[node][step]
						: 0;
	}
}
