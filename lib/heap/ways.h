/* SPDX-License-Identifier: MIT */
/* ways.h - which ways are there from a root to objects? */
#ifndef PMT_HEAP_WAYS_H
#define PMT_HEAP_WAYS_H

#include "heap/graph.h"

/*
 * Objects whose paths differ only in which item of a list or dict they go
 * through are of one "way"; a step that repeats, as in a linked list, counts
 * as one.
 */
struct pmt_way {
	uint32_t above;		/* another way, or 0: NODE is a root's */
	uint32_t label;		/* of the last step, or the root's kind */
	uint32_t type;		/* of what holds; the root's name */
	uint8_t folds;		/* steps that repeat at its end: 0, 1, 2 */
	uint64_t key;		/* pmt_way_key() in paths.h */
};

/* Numbered from 1; way[0] is all zeroes.  No locks. */
struct pmt_ways {
	const struct pmt_heap *heap;
	struct pmt_way *way;
	uint32_t count;
	struct pmt_room room, slots;
};

/* HEAP stays the caller's.  Returns 0 or -ENOMEM; then, too, it has a fini. */
int pmt_ways_init(struct pmt_ways *ways,
		  const struct pmt_heap *heap) PMT_MUST_CHECK;

/*
 * The number of the way that begins at a root of KIND, called NAME; 0 if there
 * is no memory for it.
 */
uint32_t pmt_ways_root(struct pmt_ways *ways, enum pmt_root_kind kind,
		       uint32_t name);

/*
 * That of ABOVE and one step more, out of an object of TYPE, over an edge with
 * LABEL; ABOVE or one before it where the step repeats; 0: no memory.
 */
uint32_t pmt_ways_next(struct pmt_ways *ways, uint32_t above, uint32_t label,
		       uint32_t type);

/* There are all: give back what only making them needed. */
void pmt_ways_done(struct pmt_ways *ways);

void pmt_ways_fini(struct pmt_ways *ways);

#endif
