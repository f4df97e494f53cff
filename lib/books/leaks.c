/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/leaks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pmt_leaks {
	struct pmt_objects objects;	/* those before SINCE too */
	struct pmt_site_life *lives;
	uint32_t life_room;
	struct pmt_past *past;
	uint64_t past_count, past_room;
	bool keep_past;
	bool started;
	int64_t since;
	struct pmt_timeline timeline;
	struct pmt_leaks_totals totals;
};

struct pmt_leaks *
pmt_leaks_new(int64_t since, bool keep_past)
{
	struct pmt_leaks *leaks = calloc(1, sizeof(*leaks));

	if (leaks == NULL)
		return NULL;
	leaks->since = since;
	leaks->keep_past = keep_past;
	if (pmt_objects_init(&leaks->objects) != 0) {
		free(leaks);
		return NULL;
	}
	return leaks;
}

void
pmt_leaks_free(struct pmt_leaks *leaks)
{
	if (leaks == NULL)
		return;
	pmt_objects_fini(&leaks->objects);
	free(leaks->lives);
	free(leaks->past);
	free(leaks);
}

static int
reserve_life(struct pmt_leaks *leaks, uint32_t site)
{
	uint32_t room = leaks->life_room == 0 ? 256 : leaks->life_room;
	struct pmt_site_life *lives;

	if (site < leaks->life_room)
		return 0;
	while (room <= site)
		room *= 2;
	lives = realloc(leaks->lives, room * sizeof(*lives));
	if (lives == NULL)
		return -ENOMEM;
	memset(lives + leaks->life_room, 0,
	       (room - leaks->life_room) * sizeof(*lives));
	leaks->lives = lives;
	leaks->life_room = room;
	return 0;
}

static bool
counts(const struct pmt_leaks *leaks, const struct pmt_object *object)
{
	return object->clock >= leaks->since;
}

static void
change_live(struct pmt_leaks *leaks, const struct pmt_object *object,
	    int64_t clock, int change)
{
	struct pmt_site_life *life = &leaks->lives[object->site];

	if (!counts(leaks, object))
		return;
	life->live += (uint64_t)change;
	leaks->totals.live += (uint64_t)change;
	pmt_series_set(&life->series, &leaks->timeline, clock,
		       (int64_t)life->live);
}

static int
keep_past(struct pmt_leaks *leaks, const struct pmt_object *object,
	  const struct pmt_event *event)
{
	if (!leaks->keep_past || !counts(leaks, object))
		return 0;
	if (leaks->past_count == leaks->past_room) {
		uint64_t room = leaks->past_room == 0 ? 1024 :
			leaks->past_room * 2;
		struct pmt_past *past = realloc(leaks->past,
						room * sizeof(*past));

		if (past == NULL)
			return -ENOMEM;
		leaks->past = past;
		leaks->past_room = room;
	}
	leaks->past[leaks->past_count++] = (struct pmt_past){
		*object, event->clock, event->site
	};
	return 0;
}

/* A table of many millions is worth the four bytes. */
static int32_t
clamp(int64_t count)
{
	return count > INT32_MAX ? INT32_MAX :
	       count < INT32_MIN ? INT32_MIN : (int32_t)count;
}

static int
add_new(struct pmt_leaks *leaks, const struct pmt_event *event,
	struct pmt_object *former)
{
	bool is_new;
	struct pmt_object *object = pmt_objects_put(&leaks->objects,
						    event->address, &is_new);

	if (object == NULL)
		return -ENOMEM;
	if (!is_new) {
		*former = *object;
		change_live(leaks, former, event->clock, -1);
		leaks->totals.twice += counts(leaks, former);
	}
	*object = (struct pmt_object){
		.address = event->address,
		.clock = event->clock,
		.line = event->line,
		.size = PMT_HAS(event, SIZE) ? event->size : 0,
		.live = PMT_HAS(event, LIVE) ? clamp(event->live) : 0,
		.site = event->site,
	};
	if (counts(leaks, object)) {
		leaks->lives[event->site].made++;
		leaks->totals.made++;
	}
	change_live(leaks, object, event->clock, 1);
	return 0;
}

static int
add_del(struct pmt_leaks *leaks, const struct pmt_event *event,
	struct pmt_object *former)
{
	bool untracked = !pmt_objects_take(&leaks->objects, event->address,
					   former);

	if (untracked && event->clock < leaks->since)
		return 0;
	if (!untracked) {
		change_live(leaks, former, event->clock, -1);
		if (!counts(leaks, former))
			return 0;
		leaks->lives[former->site].past++;
	}
	leaks->lives[event->site].destroyed++;
	leaks->lives[event->site].untracked += untracked;
	leaks->totals.destroyed++;
	leaks->totals.untracked += untracked;
	return untracked ? 0 : keep_past(leaks, former, event);
}

void
pmt_leaks_expect(const struct pmt_leaks *leaks, uint64_t address)
{
	pmt_objects_expect(&leaks->objects, address);
}

int
pmt_leaks_add(struct pmt_leaks *leaks, const struct pmt_event *event,
	      struct pmt_object *former)
{
	struct pmt_leaks_totals *totals = &leaks->totals;
	int err = reserve_life(leaks, event->site);

	*former = (struct pmt_object){ 0 };
	if (err != 0 || event->address == 0)
		return err;
	if (!leaks->started) {
		leaks->started = true;
		pmt_timeline_init(&leaks->timeline,
				  event->clock > leaks->since ? event->clock :
				  leaks->since);
	}
	if (PMT_HAS(event, RSS) && event->clock >= leaks->since) {
		if (totals->first_rss == 0)
			totals->first_rss = event->rss;
		if (event->rss > totals->peak_rss)
			totals->peak_rss = event->rss;
		totals->last_rss = event->rss;
	}
	pmt_timeline_reach(&leaks->timeline, event->clock);
	return event->row == PMT_ROW_NEW ? add_new(leaks, event, former) :
		add_del(leaks, event, former);
}

size_t
pmt_leaks_memory(const struct pmt_leaks *leaks)
{
	return sizeof(*leaks) + pmt_objects_memory(&leaks->objects) +
	       leaks->life_room * sizeof(*leaks->lives) +
	       leaks->past_room * sizeof(*leaks->past);
}

const struct pmt_leaks_totals *
pmt_leaks_totals(const struct pmt_leaks *leaks)
{
	return &leaks->totals;
}

const struct pmt_timeline *
pmt_leaks_timeline(const struct pmt_leaks *leaks)
{
	return &leaks->timeline;
}

const struct pmt_site_life *
pmt_leaks_site(const struct pmt_leaks *leaks, uint32_t site)
{
	return site < leaks->life_room ? &leaks->lives[site] : NULL;
}

const struct pmt_object *
pmt_leaks_next(const struct pmt_leaks *leaks, const struct pmt_object *object)
{
	do
		object = pmt_objects_next(&leaks->objects, object);
	while (object != NULL && !counts(leaks, object));
	return object;
}

const struct pmt_past *
pmt_leaks_past(const struct pmt_leaks *leaks, uint64_t *count)
{
	*count = leaks->past_count;
	return leaks->past;
}
