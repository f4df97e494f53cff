/* SPDX-License-Identifier: MIT */
/* proctree.h - which processes descend from one, and what became of them? */
#ifndef PMT_PROCTREE_H
#define PMT_PROCTREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/common.h"
#include "proc/proc.h"
#include "proc/procfs.h"

/*
 * A process and all its descendants, read again and again.  Who once belonged
 * goes on to belong: a daemon that was given to init when its parent ended is
 * a tree of its own beside the first, so it is a forest that one walks.
 */
struct pmt_proctree;

struct pmt_proctree_node {
	struct pmt_proc now;
	const struct pmt_proc *before;	/* the read before; NULL: it is new */
	bool adopted;		/* its parent in the tree has ended */
	unsigned depth;		/* 0 for the root and for the adopted */
};

/*
 * Watch ROOT, a process of FS, which must outlive the tree.  With ADOPTER not
 * 0 all children of that process are roots too: for a program that made itself
 * the subreaper (prctl(2)) of what it started, so that nobody is missed.  On
 * success *out is the caller's to free.  Returns 0 or -errno: -ESRCH, there is
 * no such process.
 */
int pmt_proctree_new(struct pmt_procfs *fs, pid_t root, pid_t adopter,
		     struct pmt_proctree **out) PMT_MUST_CHECK;

/*
 * Read all processes once, and the groups WANT (proc.h) of those that belong.
 * Returns 0, -ESRCH when none of them lives any more, or another -errno.
 */
int pmt_proctree_read(struct pmt_proctree *tree, unsigned want) PMT_MUST_CHECK;

/*
 * What the last read found: depth first, children by pid, the root (while it
 * lives) first.  Valid until the next read.
 */
size_t pmt_proctree_count(const struct pmt_proctree *tree);
const struct pmt_proctree_node *pmt_proctree_nodes(
	const struct pmt_proctree *tree);

/* Done with it.  NULL is allowed. */
void pmt_proctree_free(struct pmt_proctree *tree);

#endif
