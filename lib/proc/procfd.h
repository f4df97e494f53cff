/* SPDX-License-Identifier: MIT */
/* procfd.h - what does a process hold open: files, internet sockets? */
#ifndef PMT_PROCFD_H
#define PMT_PROCFD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"
#include "proc/procfs.h"

/*
 * Add the number of all descriptors of PID to *FDS.  Returns 0 or -errno:
 * -EACCES, not ours to see; -ESRCH, the process is gone or, a zombie, has
 * nothing open.
 */
int pmt_procfd_count_all(struct pmt_procfs *fs, pid_t pid, uint64_t *fds)
	PMT_MUST_CHECK;

/*
 * Add the number of open files and of internet sockets, with the same errors.
 * NULL for what is not wanted.  Sockets are looked up in FS's tables, which
 * are as old as pmt_sockets_forget() left them.
 */
int pmt_procfd_count(struct pmt_procfs *fs, pid_t pid, uint64_t *files,
		     uint64_t *sockets) PMT_MUST_CHECK;

#endif
