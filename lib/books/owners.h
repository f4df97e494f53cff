/* SPDX-License-Identifier: MIT */
/* owners.h - who holds the objects of a group, and whose parts are they? */
#ifndef PMT_OWNERS_H
#define PMT_OWNERS_H

#include <stdint.h>

#include "base/common.h"
#include "books/group.h"
#include "books/held.h"

/* So many owners of owners are followed. */
enum { PMT_OWNERS_ABOVE = 64 };

/*
 * From what HELD tells, fill in how the objects of each of the
 * COUNT groups of LIST are held, and the group of their owners.  GROUP_OF[SITE]
 * is the group of a site, or PMT_NO_PART.  The groups have been judged.
 *
 * The owner of an object is the nearest instance of a class on the way from it
 * to its root; of what is no instance itself, and has none above it, the
 * outermost object.  A group owns another if more than half of what is alive
 * of the other belongs to objects of it, which are not just a few; and if it
 * grows or the other does not.  HELD_BEFORE: there may be more objects since
 * HELD was told; what was alive then decides.
 *
 * Returns 0 or -ENOMEM.
 */
int pmt_owners_find(struct pmt_group *list, size_t count,
		    const uint32_t *group_of,
		    const struct pmt_held *held,
		    bool held_before) PMT_MUST_CHECK;

#endif
