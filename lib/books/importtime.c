/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/importtime.h"

void
pmt_importtime_init(struct pmt_importtime *time, int64_t start)
{
	*time = (struct pmt_importtime){ .start = start, .last = start };
}

bool
pmt_importtime_pass(struct pmt_importtime *time, int64_t clock, bool imports)
{
	/* Clocks of a log can be any: differences need all 64 bits. */
	uint64_t passed = (uint64_t)clock - (uint64_t)time->start;
	int64_t before = time->last;

	if (clock < before)
		return false;
	time->last = clock;
	if (!imports)
		return false;
	time->imported += (uint64_t)clock - (uint64_t)before;
	if (time->imported < passed - passed / 4)
		return false;
	pmt_importtime_init(time, clock);
	return true;
}
