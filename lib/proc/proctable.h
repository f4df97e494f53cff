/* SPDX-License-Identifier: MIT */
/* proctable.h - who is there?  One pass over all processes of the system. */
#ifndef PMT_PROCTABLE_H
#define PMT_PROCTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"
#include "proc/proc.h"
#include "proc/procfs.h"

/*
 * For proctree.h: members are of its forest, the vanished were when the pass
 * began, strangers are not and never will be, for the kernel gives orphans to
 * an ancestor.
 */
enum pmt_belonging { PMT_UNKNOWN, PMT_STRANGER, PMT_MEMBER, PMT_VANISHED };

struct pmt_proctable_entry {
	pid_t pid, ppid;
	uint64_t start;
	ino_t inode;
	enum pmt_belonging belonging;
	size_t stat;		/* its place there; of old strangers, none */
	const struct pmt_proc *before;
};

struct pmt_proctable {
	struct pmt_proctable_entry *entries;	/* by pid */
	size_t count, room;
	struct pmt_proc *stats;
	size_t stat_count, stat_room;
};

/*
 * Read the stat of every process into TABLE, which is all 0 or was read
 * before.  Strangers of the table OLD are not read again: in the kernel's own
 * /proc the inode number tells one life of a pid from the next.  Returns 0 or
 * -errno.
 */
int pmt_proctable_read(struct pmt_procfs *fs, const struct pmt_proctable *old,
		       struct pmt_proctable *table) PMT_MUST_CHECK;

struct pmt_proctable_entry *pmt_proctable_find(
	const struct pmt_proctable *table, pid_t pid);

/*
 * Is ERR of one process (no memory, no descriptors left) the end of the whole
 * pass?  The rest, a process gone or hidden, concerns that process alone.
 */
bool pmt_proctable_fatal(int err);

/* Free what it holds. */
void pmt_proctable_fini(struct pmt_proctable *table);

#endif
