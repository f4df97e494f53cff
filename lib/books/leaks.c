/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/leaks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "books/exiting.h"
#include "books/importtime.h"
#include "log/sizes.h"

struct pmt_leaks {
	struct pmt_objects objects;	/* those before SINCE too */
	struct pmt_exiting exiting;
	struct pmt_site_life *lives;
	uint32_t life_room, lives_with_past;
	struct pmt_past *past;
	uint64_t past_count, past_room;
	bool keep_past;
	bool started;
	int64_t since;
	struct pmt_timeline timeline;
	struct pmt_leaks_totals totals;
	struct pmt_footprints footprints;
	struct pmt_held held, held_most;	/* at most alive */
	int64_t looking;		/* since when, for more of it */
	uint64_t live_at_look;
	uint32_t peak;			/* counts the peaks of RSS */
	uint64_t sample;
	const struct pmt_sites *sites;	/* NULL: not known */
	struct pmt_importtime importing;
};

struct pmt_leaks *
pmt_leaks_new(int64_t since, bool keep_past)
{
	struct pmt_leaks *leaks = calloc(1, sizeof(*leaks));

	if (leaks == NULL)
		return NULL;
	leaks->since = since;
	leaks->sample = 1;
	leaks->looking = leaks->held.youngest = INT64_MAX;
	leaks->keep_past = keep_past;
	if (pmt_objects_init(&leaks->objects) == 0 &&
	    pmt_exiting_init(&leaks->exiting) == 0)
		return leaks;
	pmt_leaks_free(leaks);
	return NULL;
}

void
pmt_leaks_free(struct pmt_leaks *leaks)
{
	if (leaks == NULL)
		return;
	pmt_objects_fini(&leaks->objects);
	pmt_exiting_fini(&leaks->exiting);
	for (uint32_t i = 0; i < leaks->life_room; i++)
		pmt_sparse_series_fini(&leaks->lives[i].series);
	free(leaks->lives);
	free(leaks->past);
	pmt_held_fini(&leaks->held);
	pmt_held_fini(&leaks->held_most);
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

/* Hostile sizes add up to anything, but may not overflow. */
static void
change_bytes(struct pmt_site_life *life, int64_t size, int change)
{
	uint64_t bytes = (uint64_t)life->bytes;

	bytes += change > 0 ? (uint64_t)size : -(uint64_t)size;
	life->bytes = (int64_t)bytes;
}

/* Before the first change since RSS was at its highest. */
static void
keep_peak(const struct pmt_leaks *leaks, struct pmt_site_life *life)
{
	life->peak = leaks->peak;
	life->peak_live = life->live;
	life->peak_bytes = life->bytes;
}

static int
change_live(struct pmt_leaks *leaks, const struct pmt_object *object,
	    int64_t clock, int change)
{
	struct pmt_site_life *life = &leaks->lives[object->site];
	int taken;

	if (!counts(leaks, object))
		return 0;
	if (life->peak != leaks->peak)
		keep_peak(leaks, life);
	change_bytes(life, object->size, change);
	life->live += (uint64_t)change;
	leaks->totals.live += (uint64_t)change;
	taken = pmt_sparse_series_set(&life->series, &leaks->timeline, clock,
				      (int64_t)life->live);
	if (pmt_unlikely(taken > 0))
		leaks->lives_with_past++;
	return taken < 0 ? taken : 0;
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
	int err = 0;

	if (object == NULL)
		return -ENOMEM;
	if (!is_new) {
		*former = *object;
		err = change_live(leaks, former, event->clock, -1);
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
	return err != 0 ? err : change_live(leaks, object, event->clock, 1);
}

static int
add_del(struct pmt_leaks *leaks, const struct pmt_event *event,
	struct pmt_object *former)
{
	bool untracked = !pmt_objects_take(&leaks->objects, event->address,
					   former);
	int err = 0;

	if (untracked && event->clock < leaks->since)
		return 0;
	if (!untracked) {
		err = change_live(leaks, former, event->clock, -1);
		if (!counts(leaks, former))
			return err;
		leaks->lives[former->site].past++;
	}
	leaks->lives[event->site].destroyed++;
	leaks->lives[event->site].untracked += untracked;
	leaks->totals.destroyed++;
	leaks->totals.untracked += untracked;
	return untracked || err != 0 ? err : keep_past(leaks, former, event);
}

static int
add(struct pmt_leaks *leaks, const struct pmt_event *event,
    struct pmt_object *former)
{
	return event->row == PMT_ROW_NEW ? add_new(leaks, event, former)
					 : add_del(leaks, event, former);
}

static int
add_at_exit(struct pmt_leaks *leaks, const struct pmt_event *event,
	    struct pmt_object *former)
{
	int theirs = pmt_exiting_takes(&leaks->exiting, &leaks->objects,
				       event);

	if (theirs <= 0)
		return theirs < 0 ? theirs : add(leaks, event, former);
	leaks->totals.made += event->row == PMT_ROW_NEW;
	leaks->totals.destroyed += event->row == PMT_ROW_DEL;
	leaks->totals.freed_at_exit = leaks->exiting.freed.live;
	return 0;
}

void
pmt_leaks_expect(const struct pmt_leaks *leaks, uint64_t address)
{
	pmt_objects_expect(&leaks->objects, address);
}

void
pmt_leaks_set_sites(struct pmt_leaks *leaks, const struct pmt_sites *sites)
{
	leaks->sites = sites;
}

static bool
is_import(const struct pmt_sites *sites, uint32_t number)
{
	const struct pmt_site *site = pmt_sites_get(sites, number);

	return pmt_sites_imports_once(sites, site->imports,
				      site->own_function);
}

static bool
imports(const struct pmt_leaks *leaks, uint32_t site)
{
	struct pmt_site_life *life = &leaks->lives[site];

	if (pmt_unlikely(life->kind == PMT_LIFE_UNKNOWN)) {
		life->kind = PMT_LIFE_OWN;
		if (leaks->sites != NULL && is_import(leaks->sites, site))
			life->kind = PMT_LIFE_IMPORTS;
	}
	return life->kind == PMT_LIFE_IMPORTS;
}

/*
 * An object is made.  Of what is destroyed the log does not say whether an
 * import did it.
 */
static void
pass_time(struct pmt_leaks *leaks, uint32_t site, int64_t clock)
{
	if (!pmt_importtime_pass(&leaks->importing, clock,
				 imports(leaks, site)))
		return;
	pmt_timeline_restart(&leaks->timeline, clock);
	pmt_footprints_restart(&leaks->footprints, clock);
}

int
pmt_leaks_add(struct pmt_leaks *leaks, const struct pmt_event *event,
	      struct pmt_object *former)
{
	int err = reserve_life(leaks, event->site);

	*former = (struct pmt_object){ 0 };
	if (err != 0 || event->address == 0)
		return err;
	if (!leaks->started) {
		leaks->started = true;
		pmt_timeline_init(&leaks->timeline,
				  event->clock > leaks->since ? event->clock :
				  leaks->since);
		pmt_importtime_init(&leaks->importing, leaks->timeline.start);
	}
	if (pmt_unlikely(leaks->looking != INT64_MAX))
		pmt_footprints_pause(&leaks->footprints, leaks->timeline.end,
				     event->clock);
	if (event->row == PMT_ROW_NEW)
		pass_time(leaks, event->site, event->clock);
	pmt_timeline_reach(&leaks->timeline, event->clock);
	if (pmt_unlikely(leaks->footprints.exiting))
		err = add_at_exit(leaks, event, former);
	else
		err = add(leaks, event, former);
	if (PMT_HAS(event, RSS) && event->clock >= leaks->since)
		leaks->peak += pmt_footprints_rss(&leaks->footprints,
						  event->clock, event->rss);
	return err;
}

static void
resize_all(struct pmt_leaks *leaks, struct pmt_text rest)
{
	uint64_t address = 0, size;

	while (pmt_sizes_next(&rest, &address, &size))
		pmt_leaks_resize(leaks, address, (int64_t)size);
}

static uint32_t
site_of(const void *books, uint64_t address, int64_t clock)
{
	const struct pmt_leaks *leaks = books;
	const struct pmt_object *object = pmt_objects_find(&leaks->objects,
							   address);

	return object == NULL || !counts(leaks, object) ||
	       object->clock > clock ? PMT_NO_PART : object->site;
}

/* Were more objects alive when this look began than at the others? */
static bool
is_highest(const struct pmt_leaks *leaks)
{
	return leaks->held.way_count > 0 &&
	       leaks->held.live >= leaks->held_most.live;
}

/* Between the look and its outcome objects may go, and others come. */
static void
begin_held(struct pmt_leaks *leaks, int64_t clock)
{
	if (is_highest(leaks)) {
		struct pmt_held lower = leaks->held_most;

		leaks->held_most = leaks->held;
		leaks->held = lower;
	}
	leaks->held.youngest = leaks->looking;
	leaks->held.clock = leaks->looking == INT64_MAX ? clock
							: leaks->looking;
	leaks->held.live = leaks->looking == INT64_MAX ? leaks->totals.live
						       : leaks->live_at_look;
	leaks->looking = INT64_MAX;
}

static bool
note_held(struct pmt_leaks *leaks, int64_t clock, struct pmt_text text)
{
	if (pmt_held_looks(text)) {
		leaks->looking = clock;
		leaks->live_at_look = leaks->totals.live;
		return true;
	}
	if (pmt_held_begins(text))
		begin_held(leaks, clock);
	return pmt_held_note(&leaks->held, text, site_of, leaks);
}

bool
pmt_leaks_note(struct pmt_leaks *leaks, int64_t clock, struct pmt_text text)
{
	struct pmt_text sizes;
	bool higher, told = pmt_footprints_note(&leaks->footprints, clock, text,
						&higher);

	leaks->peak += told && higher;
	if (!told && pmt_sizes_parse(text, &sizes)) {
		resize_all(leaks, sizes);
		told = true;
	}
	return told || note_held(leaks, clock, text);
}

void
pmt_leaks_resize(struct pmt_leaks *leaks, uint64_t address, int64_t size)
{
	struct pmt_object *object = pmt_objects_find(&leaks->objects, address);
	struct pmt_site_life *life;

	if (object == NULL || pmt_exiting_freed(&leaks->exiting, address))
		return;
	if (counts(leaks, object)) {
		life = &leaks->lives[object->site];
		change_bytes(life, object->size, -1);
		change_bytes(life, size, 1);
	}
	object->size = size;
}

void
pmt_leaks_set_sample(struct pmt_leaks *leaks, uint64_t sample)
{
	leaks->sample = sample;
}

uint64_t
pmt_leaks_sample(const struct pmt_leaks *leaks)
{
	return leaks->sample;
}

struct pmt_leaks_totals
pmt_leaks_estimate(const struct pmt_leaks *leaks)
{
	struct pmt_leaks_totals totals = leaks->totals;

	totals.made *= leaks->sample;
	totals.destroyed *= leaks->sample;
	totals.untracked *= leaks->sample;
	totals.twice *= leaks->sample;
	totals.live *= leaks->sample;
	totals.freed_at_exit *= leaks->sample;
	return totals;
}

const struct pmt_footprints *
pmt_leaks_footprints(const struct pmt_leaks *leaks)
{
	return &leaks->footprints;
}

const struct pmt_held *
pmt_leaks_held(const struct pmt_leaks *leaks)
{
	return &leaks->held;
}

const struct pmt_held *
pmt_leaks_held_at_peak(const struct pmt_leaks *leaks)
{
	return is_highest(leaks) ? &leaks->held : &leaks->held_most;
}

struct pmt_alive
pmt_leaks_at_peak(const struct pmt_leaks *leaks, uint32_t site)
{
	const struct pmt_site_life *life = pmt_leaks_site(leaks, site);

	if (life == NULL)
		return (struct pmt_alive){ 0 };
	if (life->peak != leaks->peak)
		return (struct pmt_alive){ life->live, life->bytes };
	return (struct pmt_alive){ life->peak_live, life->peak_bytes };
}

size_t
pmt_leaks_memory(const struct pmt_leaks *leaks)
{
	return sizeof(*leaks) + pmt_objects_memory(&leaks->objects) +
	       pmt_exiting_memory(&leaks->exiting) +
	       pmt_held_memory(&leaks->held) +
	       pmt_held_memory(&leaks->held_most) +
	       leaks->life_room * sizeof(*leaks->lives) +
	       leaks->lives_with_past * sizeof(struct pmt_series_past) +
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
