/* SPDX-License-Identifier: MIT */
/* group.h - which objects are asked about, and how is each of them held? */
#ifndef PMT_HEAP_GROUP_H
#define PMT_HEAP_GROUP_H

#include "heap/holders.h"

/*
 * The graph of now, with the nodes that are asked about.  Made and used
 * without running Python code in between: it goes stale.
 */
struct heap_group {
	struct pmt_heap heap;
	struct pmt_paths paths;
	struct pmt_room nodes, lost;	/* uint32_t, uint8_t of each object */
	uint32_t count;
};

/* All objects of TYPE, not of its subclasses.  0 or -ENOMEM. */
int heap_group_of_type(struct heap_group *group,
		       PyTypeObject *type) PMT_MUST_CHECK;

/*
 * Those of ITEMS, a list or tuple made of ASKED; what either of these two
 * holds is held for the asker, and does not count.  0 or -ENOMEM.
 */
int heap_group_of_objects(struct heap_group *group, PyObject *asked,
			  PyObject *items) PMT_MUST_CHECK;

/*
 * Of no objects yet: choose those of the type called NAME, and then perhaps of
 * another one.  Both return 0 or -ENOMEM, and then the group is gone.
 */
int heap_group_of_all(struct heap_group *group) PMT_MUST_CHECK;
int heap_group_choose(struct heap_group *group, const char *name)
	PMT_MUST_CHECK;

/* "module", "frame", "garbage" ...: what HOLDING begins at. */
const char *heap_group_kind(const struct heap_group *group,
			    const struct pmt_holding *holding);

/* See pmt_holders_find(). */
int heap_group_holders(const struct heap_group *group,
		       struct pmt_holding *out, uint32_t *room) PMT_MUST_CHECK;

void heap_group_fini(struct heap_group *group);

#endif
