/* SPDX-License-Identifier: MIT */
/* procfs.h - where are the kernel's tables of processes, and in what units? */
#ifndef PMT_PROCFS_H
#define PMT_PROCFS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"
#include "proc/sockets.h"

/* How many files of one process pmt_procfs_keep() keeps. */
#define PMT_PROCFS_KEPT 4

/* An open /proc, or a directory that looks like one. */
struct pmt_procfs {
	int dir;
	bool kernel;		/* the kernel's own, not somebody's copy */
	uint64_t page;		/* bytes in what statm counts */
	uint64_t tick;		/* ns in what stat counts */
	pid_t kept;		/* whose files stay open, or 0 */
	int kept_files[PMT_PROCFS_KEPT];	/* -1: not open */
	struct pmt_sockets sockets;	/* for procfd.h; forget each round */
};

/*
 * Open ROOT; NULL means $PMT_PROC_ROOT, or /proc when that is not set.  On
 * success *out is the caller's to close.  Returns 0 or -errno: -ENODEV, /proc
 * is not mounted.
 */
int pmt_procfs_open(const char *root, struct pmt_procfs **out) PMT_MUST_CHECK;

/* Done with it.  NULL is allowed. */
void pmt_procfs_close(struct pmt_procfs *fs);

/*
 * From now on leave PID's stat, statm, status and io open between reads, which
 * costs half as much.  When the process has ended they say -ESRCH, even if its
 * number has gone to another.  0: no longer.
 */
void pmt_procfs_keep(struct pmt_procfs *fs, pid_t pid);

/*
 * Read PID's file NAME ("stat") into BUF and end it with a NUL; what does not
 * fit is left out.  Returns the length or -errno: -ESRCH, the process or the
 * file is not there; -EACCES, it is not for us.
 */
ssize_t pmt_procfs_read(struct pmt_procfs *fs, pid_t pid, const char *name,
			char *buf, size_t size) PMT_MUST_CHECK;

/*
 * Open PID's directory NAME ("fd").  Returns 0 or -errno: -ESRCH, the process
 * is not there; -EACCES, it is not for us.
 */
int pmt_procfs_opendir(struct pmt_procfs *fs, pid_t pid,
		       const char *name, DIR **out) PMT_MUST_CHECK;

/*
 * The number after KEY ("\nVmSwap:") in a table of such lines.  KEY begins
 * with the newline before it, so that no value can pass for a key.  Returns
 * false, and leaves VALUE alone, when there is none.
 */
bool pmt_procfs_field(const char *text, const char *key, uint64_t *value);

#endif
