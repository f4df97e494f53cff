/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "leaks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pmt_leaks {
	struct pmt_object *slots;	/* hashed by address; linear probing */
	uint64_t slot_count;		/* a power of two */
	uint64_t used;			/* live, those before SINCE too */
	unsigned shift;
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
	leaks->slot_count = 1024;
	leaks->shift = 64 - 10;
	leaks->slots = calloc(leaks->slot_count, sizeof(*leaks->slots));
	if (leaks->slots == NULL) {
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
	free(leaks->slots);
	free(leaks->lives);
	free(leaks->past);
	free(leaks);
}

static uint64_t
home(const struct pmt_leaks *leaks, uint64_t address)
{
	return address * 0x9e3779b97f4a7c15u >> leaks->shift;
}

static struct pmt_object *
find_slot(const struct pmt_leaks *leaks, uint64_t address)
{
	uint64_t i = home(leaks, address);

	while (leaks->slots[i].address != 0 &&
	       leaks->slots[i].address != address)
		i = (i + 1) & (leaks->slot_count - 1);
	return &leaks->slots[i];
}

/* Close the gap, so that no search ends too early. */
static void
remove_slot(struct pmt_leaks *leaks, const struct pmt_object *slot)
{
	uint64_t mask = leaks->slot_count - 1;
	uint64_t gap = (uint64_t)(slot - leaks->slots);

	for (uint64_t i = (gap + 1) & mask; leaks->slots[i].address != 0;
	     i = (i + 1) & mask) {
		uint64_t at = home(leaks, leaks->slots[i].address);

		/* May it move back, or would that be before its home? */
		if (((i - at) & mask) >= ((i - gap) & mask)) {
			leaks->slots[gap] = leaks->slots[i];
			gap = i;
		}
	}
	leaks->slots[gap].address = 0;
	leaks->used--;
}

static int
grow_slots(struct pmt_leaks *leaks)
{
	struct pmt_object *old = leaks->slots;
	uint64_t count = leaks->slot_count;
	struct pmt_object *slots = calloc(count * 2, sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	leaks->slots = slots;
	leaks->slot_count = count * 2;
	leaks->shift--;
	for (uint64_t i = 0; i < count; i++)
		if (old[i].address != 0)
			*find_slot(leaks, old[i].address) = old[i];
	free(old);
	return 0;
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
	struct pmt_object *slot = find_slot(leaks, event->address);

	if (slot->address != 0) {
		*former = *slot;
		change_live(leaks, former, event->clock, -1);
		leaks->totals.twice += counts(leaks, former);
	} else if (leaks->used >= leaks->slot_count / 8 * 5) {
		if (grow_slots(leaks) != 0)
			return -ENOMEM;
		slot = find_slot(leaks, event->address);
	}
	leaks->used += slot->address == 0;
	*slot = (struct pmt_object){
		.address = event->address,
		.clock = event->clock,
		.line = event->line,
		.size = PMT_HAS(event, SIZE) ? event->size : 0,
		.live = PMT_HAS(event, LIVE) ? clamp(event->live) : 0,
		.site = event->site,
	};
	if (counts(leaks, slot)) {
		leaks->lives[event->site].made++;
		leaks->totals.made++;
	}
	change_live(leaks, slot, event->clock, 1);
	return 0;
}

static int
add_del(struct pmt_leaks *leaks, const struct pmt_event *event,
	struct pmt_object *former)
{
	struct pmt_object *slot = find_slot(leaks, event->address);
	bool untracked = slot->address == 0;

	if (untracked && event->clock < leaks->since)
		return 0;
	if (!untracked) {
		*former = *slot;
		change_live(leaks, former, event->clock, -1);
		remove_slot(leaks, slot);
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
	if (event->clock > leaks->timeline.end)
		leaks->timeline.end = event->clock;
	return event->row == PMT_ROW_NEW ? add_new(leaks, event, former) :
		add_del(leaks, event, former);
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
	const struct pmt_object *end = leaks->slots + leaks->slot_count;

	object = object == NULL ? leaks->slots : object + 1;
	while (object < end && (object->address == 0 || !counts(leaks, object)))
		object++;
	return object < end ? object : NULL;
}

const struct pmt_past *
pmt_leaks_past(const struct pmt_leaks *leaks, uint64_t *count)
{
	*count = leaks->past_count;
	return leaks->past;
}
