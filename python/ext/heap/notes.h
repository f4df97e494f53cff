/* SPDX-License-Identifier: MIT */
/* notes.h - what was there when the program began, to compare with? */
#ifndef PMT_HEAP_NOTES_H
#define PMT_HEAP_NOTES_H

#include "heap/group.h"

/*
 * A child notes, and those after it read.  The memory is shared by them all,
 * and only they touch it: it is none of the program's.
 */
struct heap_notes {
	struct pmt_lengths *lengths;		/* or NULL */
	struct pmt_kinds_before *kinds;		/* or NULL: not asked for */
};

extern struct heap_notes heap_notes;

/* Before the child begins: forget what there is; no memory, no notes. */
void heap_notes_renew(bool kinds);

/* In the child, GROUP being of all objects.  Returns 0 or -errno. */
int heap_notes_write(const struct heap_group *group) PMT_MUST_CHECK;

#endif
