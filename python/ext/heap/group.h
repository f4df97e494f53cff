/* SPDX-License-Identifier: MIT */
/* group.h - which objects are asked about, and how is each of them held? */
#ifndef PMT_HEAP_GROUP_H
#define PMT_HEAP_GROUP_H

#include "heap/holders.h"
#include "heap/kinds.h"

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
 * All objects of the COUNT types so called, one type after the other:
 * those of name[i] are nodes first[i] to first[i + 1] - 1.  Of the lost among
 * them heap_group_seek_lost() knows.  0 or -ENOMEM.
 */
int heap_group_of_names(struct heap_group *group, const char *const *name,
			uint32_t count, uint32_t *first) PMT_MUST_CHECK;

/* Those of COUNT kinds, too, in the same way. */
int heap_group_add_kinds(struct heap_group *group,
			 const struct pmt_kind *const *kind, uint32_t count,
			 uint32_t *first) PMT_MUST_CHECK;

/*
 * References that C code holds, of each object: are they anywhere?  Where the
 * kernel does not let us look nothing is called lost.  Once no more objects
 * are added; before, there are no holders.  0 or -ENOMEM.
 */
int heap_group_seek_lost(struct heap_group *group) PMT_MUST_CHECK;

/* "module", "frame", "garbage" ...: what HOLDING begins at. */
const char *heap_group_kind(const struct heap_group *group,
			    const struct pmt_holding *holding);

/* Of the nodes FIRST to END - 1; see pmt_holders_find(). */
int heap_group_holders(const struct heap_group *group, uint32_t first,
		       uint32_t end, struct pmt_holding *out,
		       uint32_t *room) PMT_MUST_CHECK;

void heap_group_fini(struct heap_group *group);

#endif
