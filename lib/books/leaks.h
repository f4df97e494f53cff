/* SPDX-License-Identifier: MIT */
/* leaks.h - which objects of a reference log stay, and who made them? */
#ifndef PMT_LEAKS_H
#define PMT_LEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/footprints.h"
#include "books/held.h"
#include "books/objects.h"
#include "books/timeline.h"
#include "log/event.h"
#include "log/sites.h"

/* An object from its creation to its destruction. */
struct pmt_past {
	struct pmt_object made;
	int64_t destroyed_clock;
	uint32_t destroyed_site;
};

/* What happened at one site. */
struct pmt_site_life {
	uint64_t made;		/* rows NEW here */
	uint64_t destroyed;	/* rows DEL here, whoever made the object */
	uint64_t untracked;	/* of these: nobody saw the object made */
	uint64_t live;		/* made here and not destroyed */
	uint64_t past;		/* made here and destroyed, wherever */
	int64_t bytes;		/* of the live ones */
	enum { PMT_LIFE_UNKNOWN, PMT_LIFE_OWN, PMT_LIFE_IMPORTS } kind;
	/* What was when memory was highest, unless nothing changed since. */
	uint32_t peak;		/* which peak; see pmt_leaks_at_peak() */
	uint64_t peak_live;
	int64_t peak_bytes;
	struct pmt_sparse_series series;	/* of live */
};

/* The objects of a site at one moment. */
struct pmt_alive {
	uint64_t count;
	int64_t bytes;
};

struct pmt_leaks_totals {
	uint64_t made;
	uint64_t destroyed;
	uint64_t untracked;
	uint64_t twice;		/* made where a live object was */
	uint64_t live;
	uint64_t freed_at_exit;	/* of these, by what the program has atexit */
};

/*
 * The books of one log, and of the logs stacked inside it.  Memory grows with
 * the objects alive, the sites and, if wanted, the past.
 */
struct pmt_leaks;

/*
 * Objects made before SINCE (a log's clock, nanoseconds) are followed but never
 * counted.  Returns NULL when memory is short.
 */
struct pmt_leaks *pmt_leaks_new(int64_t since, bool keep_past) PMT_MUST_CHECK;
void pmt_leaks_free(struct pmt_leaks *leaks);

/*
 * SITES are those of the rows, for as long as rows are entered.  The axis of
 * time then begins where the modules have been imported that take most of the
 * time until then: on any other a short program would end when it has begun.
 */
void pmt_leaks_set_sites(struct pmt_leaks *leaks,
			 const struct pmt_sites *sites);

/*
 * Enter one NEW or DEL row.  What functions of atexit destroy was alive when
 * the program ended, and stays so here; what they make does not count.
 * *FORMER becomes the object that the row concerns:
 * the one destroyed, or the live one at the address where a new one was made,
 * or nobody.  Returns 0 or -ENOMEM.
 */
int pmt_leaks_add(struct pmt_leaks *leaks, const struct pmt_event *event,
		  struct pmt_object *former) PMT_MUST_CHECK;

/*
 * Such a row with this ADDRESS will soon be entered: have the memory that this
 * takes fetched meanwhile.
 */
void pmt_leaks_expect(const struct pmt_leaks *leaks, uint64_t address);

/*
 * A MSG row at CLOCK says TEXT.  True: it told of memory, of sizes or of who
 * holds objects, and that is noted.
 */
bool pmt_leaks_note(struct pmt_leaks *leaks, int64_t clock,
		    struct pmt_text text);

/* The object at ADDRESS, if any, has SIZE bytes by now. */
void pmt_leaks_resize(struct pmt_leaks *leaks, uint64_t address, int64_t size);

/*
 * 1 in so many objects are entered [1]; what this header tells counts them, and
 * groups (leakgroups.h) and types (leaktypes.h) are estimates of all.
 */
void pmt_leaks_set_sample(struct pmt_leaks *leaks, uint64_t sample);
uint64_t pmt_leaks_sample(const struct pmt_leaks *leaks);

/* The totals, as estimates of all. */
struct pmt_leaks_totals
pmt_leaks_estimate(const struct pmt_leaks *leaks);

const struct pmt_footprints *
pmt_leaks_footprints(const struct pmt_leaks *leaks);

/* What held the objects when that was told last, and so before the peak. */
const struct pmt_held *pmt_leaks_held(const struct pmt_leaks *leaks);
const struct pmt_held *pmt_leaks_held_at_peak(const struct pmt_leaks *leaks);

/* What of SITE was alive when RSS was highest. */
struct pmt_alive pmt_leaks_at_peak(const struct pmt_leaks *leaks,
				   uint32_t site);

const struct pmt_leaks_totals *pmt_leaks_totals(const struct pmt_leaks *leaks);
const struct pmt_timeline *pmt_leaks_timeline(const struct pmt_leaks *leaks);

/* Bytes that the books take, the most that can be in memory. */
size_t pmt_leaks_memory(const struct pmt_leaks *leaks);

/* What happened at SITE; NULL if nothing did. */
const struct pmt_site_life *pmt_leaks_site(const struct pmt_leaks *leaks,
					   uint32_t site);

/*
 * Step through the live objects, in no order: NULL gives the first, an object
 * the one after it, and NULL comes back at the end.
 */
const struct pmt_object *pmt_leaks_next(const struct pmt_leaks *leaks,
					const struct pmt_object *object);

/* Those destroyed again, in the order of their end, if they were kept. */
const struct pmt_past *pmt_leaks_past(const struct pmt_leaks *leaks,
				      uint64_t *count);

#endif
