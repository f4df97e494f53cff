/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/timeline.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

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
	*timeline = (struct pmt_timeline){
		.start = start, .end = start, .shift = FIRST_SHIFT,
	};
}

void
pmt_timeline_restart(struct pmt_timeline *timeline, int64_t start)
{
	uint32_t restarts = timeline->restarts + 1;

	pmt_timeline_init(timeline, start);
	timeline->restarts = restarts;
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
join_pair(struct pmt_series_past *past, unsigned step)
{
	past->values[step] = past->values[2 * step + 1];
	past->lows[step] = least(past->lows[2 * step],
				 past->lows[2 * step + 1]);
}

/* The first step of an axis that was restarted since the series was set. */
static void
begin_again(struct pmt_series_now *now, const struct pmt_timeline *timeline)
{
	now->restarts = timeline->restarts;
	now->shift = timeline->shift;
	now->step = 0;
	now->low = now->value;
}

static bool
is_behind(const struct pmt_series_now *now,
	  const struct pmt_timeline *timeline)
{
	return now->shift != timeline->shift ||
	       now->restarts != timeline->restarts;
}

/*
 * Join steps in pairs, as the axis has done since the series was last set.
 * PAST is NULL where all of it is 0.
 */
static void
catch_up(struct pmt_series_now *now, struct pmt_series_past *past,
	 const struct pmt_timeline *timeline)
{
	if (now->shift == 0)
		now->shift = timeline->shift;
	if (now->restarts != timeline->restarts)
		begin_again(now, timeline);
	while (now->shift < timeline->shift) {
		unsigned last = now->step / 2;

		for (unsigned i = 0; i < last && past != NULL; i++)
			join_pair(past, i);
		/* A step without its pair is in the one that goes on. */
		if (now->step % 2 != 0)
			now->low = least(now->low, past == NULL ? 0 :
					 past->lows[2 * last]);
		now->step = (uint8_t)last;
		now->shift++;
	}
}

static void
advance(struct pmt_series_now *now, struct pmt_series_past *past,
	unsigned step)
{
	while (now->step < step) {
		past->values[now->step] = now->value;
		past->lows[now->step++] = now->low;
		now->low = now->value;
	}
}

static void
set(struct pmt_series_now *now, int64_t value)
{
	now->value = value;
	now->low = least(now->low, value);
}

void
pmt_series_set(struct pmt_series *series, struct pmt_timeline *timeline,
	       int64_t clock, int64_t value)
{
	unsigned step = find_step(timeline, clock);

	if (pmt_unlikely(is_behind(&series->now, timeline)))
		catch_up(&series->now, &series->past, timeline);
	if (pmt_unlikely(step > series->now.step))
		advance(&series->now, &series->past, step);
	set(&series->now, value);
}

/* As advance(), where the steps before may have no room yet, or need none. */
static int
advance_sparse(struct pmt_sparse_series *series, unsigned step)
{
	if (series->past != NULL) {
		advance(&series->now, series->past, step);
		return 0;
	}
	if (series->now.value == 0 && series->now.low == 0) {
		series->now.step = (uint8_t)step;
		return 0;
	}
	series->past = calloc(1, sizeof(*series->past));
	if (series->past == NULL)
		return -ENOMEM;
	advance(&series->now, series->past, step);
	return 1;
}

int
pmt_sparse_series_set(struct pmt_sparse_series *series,
		      struct pmt_timeline *timeline, int64_t clock,
		      int64_t value)
{
	unsigned step = find_step(timeline, clock);
	int taken = 0;

	if (pmt_unlikely(is_behind(&series->now, timeline)))
		catch_up(&series->now, series->past, timeline);
	if (pmt_unlikely(step > series->now.step))
		taken = advance_sparse(series, step);
	if (pmt_likely(taken >= 0))
		set(&series->now, value);
	return taken;
}

struct pmt_series
pmt_sparse_series_whole(const struct pmt_sparse_series *series)
{
	struct pmt_series whole = { .now = series->now };

	if (series->past != NULL)
		whole.past = *series->past;
	return whole;
}

void
pmt_sparse_series_fini(struct pmt_sparse_series *series)
{
	free(series->past);
}

/* All steps up to the end of TIMELINE; returns how many. */
static unsigned
complete(struct pmt_series *whole, const struct pmt_timeline *timeline)
{
	struct pmt_timeline axis = *timeline;
	unsigned steps = find_step(&axis, axis.end) + 1;

	catch_up(&whole->now, &whole->past, &axis);
	advance(&whole->now, &whole->past, steps - 1);
	/* The series may go on beyond the end that is asked for. */
	if (whole->now.step <= steps - 1) {
		whole->past.values[steps - 1] = whole->now.value;
		whole->past.lows[steps - 1] = whole->now.low;
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

	pick(whole.past.values, complete(&whole, timeline), samples, count);
}

void
pmt_series_sample_lows(const struct pmt_series *series,
		       const struct pmt_timeline *timeline, int64_t *samples,
		       int64_t *lows, unsigned count)
{
	struct pmt_series whole = *series;
	unsigned steps = complete(&whole, timeline);

	pick(whole.past.values, steps, samples, count);
	pick(whole.past.lows, steps, lows, count);
}
