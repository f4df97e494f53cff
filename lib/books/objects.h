/* SPDX-License-Identifier: MIT */
/* objects.h - which object lives at an address? */
#ifndef PMT_OBJECTS_H
#define PMT_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/* An object that a log saw made.  Address 0 is nobody. */
struct pmt_object {
	uint64_t address;
	int64_t clock;		/* when it was made */
	uint64_t line;		/* of the log */
	int64_t size;
	int32_t live;		/* of its type, just after it was made */
	uint32_t site;
};

/*
 * The live objects.  What is looked up by address is small, so that much of it
 * stays in the processor's caches; neighbours in memory are neighbours there.
 */
struct pmt_objects {
	struct pmt_object *list;	/* numbered from 0, with gaps */
	uint32_t listed, room;		/* numbers used so far */
	uint32_t gap;			/* + 1, the last one made; 0: none */
	struct pmt_object_slot {
		uint32_t hash;		/* of the address */
		uint32_t number;	/* + 1, of the object; 0: empty */
	} *slots;
	uint32_t mask;			/* number of slots - 1 */
	uint32_t live;
	uint64_t seed;		/* no log can be made to collide on purpose */
};

/* Returns 0 or -ENOMEM.  After a failure there is nothing to fini. */
int pmt_objects_init(struct pmt_objects *objects) PMT_MUST_CHECK;
void pmt_objects_fini(struct pmt_objects *objects);

/*
 * The object at ADDRESS, which is not 0; valid until the next call.  A new one
 * has nothing but its address, and *IS_NEW is set.  NULL when memory is short.
 */
struct pmt_object *pmt_objects_put(struct pmt_objects *objects,
				   uint64_t address, bool *is_new)
	PMT_MUST_CHECK;

/* The object at ADDRESS, valid until the next call; NULL if none is there. */
struct pmt_object *pmt_objects_find(const struct pmt_objects *objects,
				    uint64_t address);

/* Remove the object at ADDRESS and copy it to *FORMER; false: none is there. */
bool pmt_objects_take(struct pmt_objects *objects, uint64_t address,
		      struct pmt_object *former) PMT_MUST_CHECK;

/* Bytes of all this. */
size_t pmt_objects_memory(const struct pmt_objects *objects);

/* Soon there will be a call with ADDRESS: fetch its slot from memory. */
void pmt_objects_expect(const struct pmt_objects *objects, uint64_t address);

/*
 * Step through the objects, in no order: NULL gives the first, an object the
 * one after it, and NULL comes back at the end.
 */
const struct pmt_object *pmt_objects_next(const struct pmt_objects *objects,
					  const struct pmt_object *object);

#endif
