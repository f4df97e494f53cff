/* SPDX-License-Identifier: MIT */
/* cgroup.h - how much memory may a process's control group use, and does it? */
#ifndef PMT_CGROUP_H
#define PMT_CGROUP_H

#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"
#include "proc/procfs.h"

#define PMT_CGROUP_NO_LIMIT UINT64_MAX

/* cgroup v2's memory controller: the group of a process, all members in it. */
struct pmt_cgroup {
	uint64_t current, max;	/* bytes; PMT_CGROUP_NO_LIMIT */
	uint64_t high, oom, oom_kill;	/* memory.events: how often */
};

/*
 * Find the directory of PID's group, as a path that is the caller's to free.
 * Returns 0 or -errno: -ENOENT, no cgroup v2 hierarchy is mounted, its memory
 * controller is not in use there (v1 has it), or PID is in the root group,
 * which has no counters; -ESRCH, no such process.
 */
int pmt_cgroup_find(struct pmt_procfs *fs, pid_t pid, char **path)
	PMT_MUST_CHECK;

/* Read the counters below PATH.  Returns 0 or -errno. */
int pmt_cgroup_read(const char *path, struct pmt_cgroup *out) PMT_MUST_CHECK;

/*
 * Some process of the group at PATH waited for memory for so much of the last
 * ten seconds, in hundredths of a percent (memory.pressure, as the kernel's
 * Documentation/accounting/psi.rst has it).  Returns 0 or -errno: -ENOENT, the
 * kernel does not measure that.
 */
int pmt_cgroup_pressure(const char *path, unsigned int *some) PMT_MUST_CHECK;

#endif
