/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/timeline.h"

#include "base/common.h"

/* The first 32 steps then cover 32 microseconds. */
#define FIRST_SHIFT 10

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
pmt_timeline_init(struct pmt_timeline *timeline, int64_t start)
{
	timeline->start = timeline->end = start;
	timeline->shift = FIRST_SHIFT;
}

/* The step of CLOCK; makes steps longer until there is one. */
static unsigned
find_step(struct pmt_timeline *timeline, int64_t clock)
{
	uint64_t offset;

	pmt_timeline_reach(timeline, clock);
	if (clock < timeline->start)
		return 0;
	offset = (uint64_t)clock - (uint64_t)timeline->start;
	while (offset >> timeline->shift >= PMT_TIMELINE_STEPS)
		timeline->shift++;
	return (unsigned)(offset >> timeline->shift);
}

static void
join_pair(struct pmt_series *series, unsigned step)
{
	series->values[step] = series->values[2 * step + 1];
	series->lows[step] = least(series->lows[2 * step],
				     series->lows[2 * step + 1]);
}

/* Join steps in pairs, as the axis has done since the series was last set. */
static void
catch_up(struct pmt_series *series, const struct pmt_timeline *timeline)
{
	if (series->shift == 0)
		series->shift = timeline->shift;
	while (series->shift < timeline->shift) {
		unsigned last = series->step / 2;

		for (unsigned i = 0; i < last; i++)
			join_pair(series, i);
		/* A step without its pair is in the one that goes on. */
		if (series->step % 2 != 0)
			series->low = least(series->low,
					    series->lows[2 * last]);
		series->step = last;
		series->shift++;
	}
}

static void
advance(struct pmt_series *series, unsigned step)
{
	while (series->step < step) {
		series->values[series->step] = series->now;
		series->lows[series->step++] = series->low;
		series->low = series->now;
	}
}

void
pmt_series_set(struct pmt_series *series, struct pmt_timeline *timeline,
	       int64_t clock, int64_t value)
{
	unsigned step = find_step(timeline, clock);

	if (pmt_unlikely(series->shift != timeline->shift))
		catch_up(series, timeline);
	if (pmt_unlikely(step > series->step))
		advance(series, step);
	series->now = value;
	series->low = least(series->low, value);
}

/* All steps up to the end of TIMELINE; returns how many. */
static unsigned
complete(struct pmt_series *whole, const struct pmt_timeline *timeline)
{
	struct pmt_timeline axis = *timeline;
	unsigned steps = find_step(&axis, axis.end) + 1;

	catch_up(whole, &axis);
	advance(whole, steps - 1);
	/* The series may go on beyond the end that is asked for. */
	if (whole->step <= steps - 1) {
		whole->values[steps - 1] = whole->now;
		whole->lows[steps - 1] = whole->low;
	}
	return steps;
}

/* The step whose end is moment I of COUNT, evenly spaced over STEPS. */
static unsigned
step_of(unsigned i, unsigned steps, unsigned count)
{
	return ((i + 1) * steps + count - 1) / count - 1;
}

static void
pick(const int64_t *numbers, unsigned steps, int64_t *samples, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		samples[i] = numbers[step_of(i, steps, count)];
}

void
pmt_timeline_moments(const struct pmt_timeline *timeline, int64_t *clocks,
		     unsigned count)
{
	struct pmt_timeline axis = *timeline;
	unsigned steps = find_step(&axis, axis.end) + 1;

	for (unsigned i = 0; i < count; i++) {
		int64_t step = step_of(i, steps, count) + 1;

		clocks[i] = step == steps
			? axis.end : axis.start + (step << axis.shift);
	}
}

void
pmt_series_sample(const struct pmt_series *series,
		  const struct pmt_timeline *timeline, int64_t *samples,
		  unsigned count)
{
	struct pmt_series whole = *series;

	pick(whole.values, complete(&whole, timeline), samples, count);
}

void
pmt_series_sample_lows(const struct pmt_series *series,
		       const struct pmt_timeline *timeline, int64_t *samples,
		       int64_t *lows, unsigned count)
{
	struct pmt_series whole = *series;
	unsigned steps = complete(&whole, timeline);

	pick(whole.values, steps, samples, count);
	pick(whole.lows, steps, lows, count);
}
