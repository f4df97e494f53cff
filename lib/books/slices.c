/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/slices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256, MOST_NODES = 1 << 18, MOST_MOMENTS = 64 };

/* Logs may say anything: what is too much wraps around, as in all sums. */
static int64_t
sum(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

void
pmt_slices_fini(struct pmt_slices *slices)
{
	free(slices->series);
	free(slices->told);
}

void
pmt_slices_clear(struct pmt_slices *slices)
{
	if (slices->room > 0)
		memset(slices->series, 0,
		       slices->room * sizeof(*slices->series));
	if (slices->told_room > 0)
		memset(slices->told, 0,
		       slices->told_room * sizeof(*slices->told));
	slices->axis = (struct pmt_timeline){ 0 };
}

int
pmt_slices_know(struct pmt_slices *slices, uint32_t node)
{
	size_t room = slices->room == 0 ? FIRST_ROOM : slices->room;
	struct pmt_series *bigger;

	if (node < slices->room || node >= MOST_NODES)
		return 0;
	while (room <= node)
		room *= 2;
	bigger = reallocarray(slices->series, room, sizeof(*bigger));
	if (bigger == NULL)
		return -ENOMEM;
	memset(bigger + slices->room, 0,
	       (room - slices->room) * sizeof(*bigger));
	slices->series = bigger;
	slices->room = room;
	return 0;
}

void
pmt_slices_set(struct pmt_slices *slices, uint32_t node, uint64_t allocated,
	       uint64_t live)
{
	if (slices->axis.shift == 0)
		pmt_timeline_init(&slices->axis, 0);
	if (node < slices->room)
		pmt_series_set(&slices->series[node], &slices->axis,
			       (int64_t)(allocated & INT64_MAX),
			       (int64_t)live);
}

int
pmt_slices_tell(struct pmt_slices *slices, uint32_t node,
		const uint64_t moments[PMT_ALLOC_MOMENTS])
{
	int64_t (*bigger)[PMT_ALLOC_MOMENTS];

	if (node >= slices->room)
		return 0;
	if (slices->room > slices->told_room) {
		bigger = reallocarray(slices->told, slices->room,
				      sizeof(*bigger));
		if (bigger == NULL)
			return -ENOMEM;
		memset(bigger + slices->told_room, 0,
		       (slices->room - slices->told_room) * sizeof(*bigger));
		slices->told = bigger;
		slices->told_room = slices->room;
	}
	for (int i = 0; i < PMT_ALLOC_MOMENTS; i++)
		slices->told[node][i] = sum(slices->told[node][i],
					    (int64_t)(moments[i] & INT64_MAX));
	return 0;
}

void
pmt_slices_add(const struct pmt_slices *slices, uint32_t node,
	       int64_t *moments, unsigned count)
{
	int64_t samples[MOST_MOMENTS];

	if (node < slices->told_room && count == PMT_ALLOC_MOMENTS)
		for (unsigned i = 0; i < count; i++)
			moments[i] = sum(moments[i], slices->told[node][i]);
	if (node >= slices->room || slices->series[node].now.shift == 0 ||
	    count > MOST_MOMENTS)
		return;
	pmt_series_sample(&slices->series[node], &slices->axis, samples,
			  count);
	for (unsigned i = 0; i < count; i++)
		moments[i] = sum(moments[i], samples[i]);
}

void
pmt_slices_moments(const struct pmt_slices *slices, int64_t *allocated,
		   unsigned count)
{
	if (slices->axis.shift == 0)
		memset(allocated, 0, count * sizeof(*allocated));
	else
		pmt_timeline_moments(&slices->axis, allocated, count);
}
