/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/footprints.h"

void
pmt_footprints_set(struct pmt_footprints *footprints, int64_t clock,
		   int64_t rss)
{
	if (footprints->first_rss == 0) {
		footprints->first_rss = rss;
		pmt_timeline_init(&footprints->timeline, clock);
	}
	if (rss > footprints->peak_rss)
		footprints->peak_rss = rss;
	if (pmt_footprints_is_higher(footprints, rss)) {
		footprints->mark_rss = rss;
		footprints->mark_clock = clock;
	}
	footprints->last_rss = rss;
	pmt_series_set(&footprints->rss, &footprints->timeline, clock, rss);
}

void
pmt_footprints_restart(struct pmt_footprints *footprints, int64_t clock)
{
	if (footprints->first_rss != 0)
		pmt_timeline_restart(&footprints->timeline, clock);
}

/* Moments between the start and the end become fewer, evenly. */
static void
keep(struct pmt_footprints *footprints, const struct pmt_footprint *now)
{
	struct pmt_footprint *noted = footprints->noted;

	if (footprints->noted_skipped > 0) {
		footprints->noted_skipped--;
		return;
	}
	if (footprints->noted_count == PMT_FOOTPRINTS_NOTED) {
		footprints->noted_count /= 2;
		for (unsigned int i = 0; i < footprints->noted_count; i++)
			noted[i] = noted[2 * i];
		footprints->noted_stride = 2 * footprints->noted_stride + 1;
	}
	noted[footprints->noted_count++] = *now;
	footprints->noted_skipped = footprints->noted_stride;
}

uint64_t
pmt_footprints_used(const struct pmt_memory *memory)
{
	uint64_t used;

	if (memory->python_used == PMT_MEMORY_UNKNOWN ||
	    memory->c_used == PMT_MEMORY_UNKNOWN ||
	    __builtin_add_overflow(memory->python_used, memory->c_used, &used))
		return 0;
	return used;
}

bool
pmt_footprints_note(struct pmt_footprints *footprints, int64_t clock,
		    struct pmt_text text, bool *higher)
{
	struct pmt_footprint now = { .noted = true, .clock = clock };
	enum pmt_moment moment;
	int64_t rss;

	if (!pmt_memory_parse(text, &now.memory, &moment))
		return false;
	*higher = false;
	if (footprints->exiting)
		return true;
	rss = now.memory.rss > INT64_MAX ? INT64_MAX
					 : (int64_t)now.memory.rss;
	if (!footprints->start.noted)
		footprints->start = now;
	if (!footprints->peak.noted ||
	    now.memory.rss > footprints->peak.memory.rss)
		footprints->peak = now;
	footprints->end = now;
	keep(footprints, &now);
	if (moment == PMT_MOMENT_EXIT && footprints->exit_clock == 0) {
		footprints->exit_clock = clock;
		footprints->exit_rss = rss;
		footprints->exit_used = pmt_footprints_used(&now.memory);
	}
	*higher = pmt_footprints_rss(footprints, clock, rss);
	footprints->exiting = moment == PMT_MOMENT_ATEXIT;
	return true;
}

bool
pmt_footprints_unshared(const struct pmt_footprints *footprints,
			uint64_t *bytes)
{
	uint64_t first = footprints->start.memory.inherited;
	uint64_t last = footprints->end.memory.inherited;

	if (!footprints->start.noted || first == PMT_MEMORY_UNKNOWN ||
	    last == PMT_MEMORY_UNKNOWN)
		return false;
	*bytes = first > last ? first - last : 0;
	return true;
}

/* Clocks of a log can be any. */
static uint64_t
span(int64_t from, int64_t until)
{
	return (uint64_t)until - (uint64_t)from;
}

void
pmt_footprints_pause(struct pmt_footprints *footprints, int64_t from,
		     int64_t until)
{
	if (until <= from || span(from, until) <=
			     span(footprints->pause, footprints->pause_end))
		return;
	footprints->pause = from;
	footprints->pause_end = until;
}

/* A page of 4 KiB that is copied on write takes 2 to 6 microseconds. */
static bool
ends_in_pause(const struct pmt_footprints *footprints,
	      const struct pmt_timeline *axis)
{
	uint64_t length = span(footprints->pause, footprints->pause_end);
	uint64_t whole = span(axis->start, axis->end);

	return footprints->pause > axis->start && length < whole / 2 &&
	       length / 2 < (uint64_t)footprints->last_rss &&
	       footprints->pause_end <= axis->end &&
	       span(footprints->pause_end, axis->end) < whole / 16;
}

struct pmt_timeline
pmt_footprints_axis(const struct pmt_footprints *footprints,
		    const struct pmt_timeline *timeline)
{
	struct pmt_timeline axis = *timeline;

	if (footprints->exit_clock > axis.start &&
	    footprints->exit_clock < axis.end)
		axis.end = footprints->exit_clock;
	if (ends_in_pause(footprints, &axis))
		axis.end = footprints->pause;
	return axis;
}

void
pmt_footprints_curve(const struct pmt_footprints *footprints,
		     int64_t *samples, unsigned count)
{
	struct pmt_timeline axis =
		pmt_footprints_axis(footprints, &footprints->timeline);

	pmt_series_sample(&footprints->rss, &axis, samples, count);
}
