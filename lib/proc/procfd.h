/* SPDX-License-Identifier: MIT */
/* procfd.h - what does a process hold open: files, internet sockets? */
#ifndef PMT_PROCFD_H
#define PMT_PROCFD_H

#include "proc/proc.h"

/*
 * Count all descriptors of PROC, whose pid is set, into its `fds`.  Returns 0
 * or -errno: -EACCES, not ours to see; -ESRCH, the process is gone or, a
 * zombie, has nothing open.
 */
int pmt_procfd_count_all(struct pmt_procfs *fs, struct pmt_proc *proc)
	PMT_MUST_CHECK;

/* Likewise what WANT names of PMT_PROC_FILES and PMT_PROC_NET. */
int pmt_procfd_count(struct pmt_procfs *fs, unsigned want,
		     struct pmt_proc *proc) PMT_MUST_CHECK;

/*
 * The kernel's tables of internet sockets are read once for all processes of a
 * network namespace, and kept with FS until this is called: call it before
 * each round.
 */
void pmt_sockets_forget(struct pmt_procfs *fs);

#endif
