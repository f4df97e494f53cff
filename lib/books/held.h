/* SPDX-License-Identifier: MIT */
/* held.h - who holds the objects that a log counts, as it tells? */
#ifndef PMT_HELD_H
#define PMT_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"

/* One way in which objects of a type are held. */
struct pmt_held_way {
	char *type;
	char *by;		/* "PATH (of LENGTH)", "PATH; its ..." */
	uint64_t count;		/* of objects */
	uint64_t chains;	/* how many of these were told */
};

#define PMT_HELD_CHAIN 8

/*
 * Where an object was made that is held so, where what holds it, and so on;
 * PMT_NO_PART: nobody saw it made.
 */
struct pmt_held_chain {
	uint32_t way;			/* which of the ways */
	uint32_t length;
	uint32_t instances;		/* bit N: the Nth has a class */
	uint32_t site[PMT_HELD_CHAIN];
};

/* What the log told at one moment; zeroed memory has none. */
struct pmt_held {
	int64_t clock;		/* when it was so */
	int64_t youngest;	/* what was made later is not meant */
	uint64_t live;		/* objects that were alive then */
	struct pmt_held_way *ways;
	size_t way_count, way_room;
	struct pmt_held_chain *chains;
	size_t chain_count, chain_room;
};

/* The site of the object at ADDRESS that was made at CLOCK or before. */
typedef uint32_t pmt_held_site(const void *books, uint64_t address,
			       int64_t clock);

/*
 * A MSG row says TEXT.  True: it told of holders, as in pmt-log(5), and what is
 * well-formed was noted, unless memory was short.
 */
bool pmt_held_note(struct pmt_held *held, struct pmt_text text,
		   pmt_held_site *site, const void *books);

/* What "PATH; its list grew from 3 to 1500" says at its end. */
struct pmt_held_growth {
	size_t path;		/* the length of "PATH" */
	struct pmt_text what;	/* "list"; borrowed */
	uint64_t from, to;
};

/* False: BY ends otherwise. */
bool pmt_held_growth(const char *by, struct pmt_held_growth *growth);

/* Does TEXT say that somebody begins to look, or, now, what was found? */
bool pmt_held_looks(struct pmt_text text);
bool pmt_held_begins(struct pmt_text text);

/* Bytes of all this, about. */
size_t pmt_held_memory(const struct pmt_held *held);

void pmt_held_fini(struct pmt_held *held);

#endif
