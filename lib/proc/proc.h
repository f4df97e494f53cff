/* SPDX-License-Identifier: MIT */
/* proc.h - the facts about one process: memory, times, faults, files. */
#ifndef PMT_PROC_H
#define PMT_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"
#include "proc/procfs.h"

/* Facts that cost a file of their own, so they are read when asked for. */
enum {
	PMT_PROC_STATUS = 1 << 0,	/* swap, peak, context switches */
	PMT_PROC_PSS = 1 << 1,		/* uss, pss: walks all pages */
	PMT_PROC_IO = 1 << 2,
	PMT_PROC_FDS = 1 << 3,		/* how many descriptors */
	PMT_PROC_FILES = 1 << 4,	/* regular files among them */
	PMT_PROC_NET = 1 << 5,		/* internet sockets among them */
};

#define PMT_PROC_NAME 65

/*
 * One process at one moment.  Memory is in bytes, times are in nanoseconds.
 * A group that is not in `have` says nothing, and its fields are 0: it was not
 * asked for, or the process has no such thing (a zombie and a kernel thread
 * have no pages), or the kernel keeps it from us, and then it is in `denied`.
 */
struct pmt_proc {
	pid_t pid, ppid;
	char state;		/* proc_pid_stat(5): R S D Z T t X I */
	char name[PMT_PROC_NAME];	/* as the kernel has it: any bytes */
	uint64_t start;		/* after boot; with pid: the identity */
	unsigned have, denied;

	uint64_t rss, vms, shared, text, data;
	uint64_t minor_faults, major_faults;
	uint64_t user, system, children_user, children_system, iowait;
	uint64_t threads;

	uint64_t swap, peak, voluntary_switches, involuntary_switches;
	uint64_t uss, pss, swap_pss;
	uint64_t read_chars, write_chars, read_calls, write_calls;
	uint64_t read_bytes, write_bytes;
	uint64_t fds, files, sockets;
};

/*
 * Read what stat and statm say, and the groups in WANT.  Returns 0 or -errno,
 * and leaves *out alone on failure: -ESRCH, there is no such process, or it
 * went away meanwhile; -EBADMSG, its stat makes no sense.
 */
int pmt_proc_read(struct pmt_procfs *fs, pid_t pid, unsigned want,
		  struct pmt_proc *out) PMT_MUST_CHECK;

/* The two halves of it, for who reads stat of all and the rest of some. */
int pmt_proc_read_stat(struct pmt_procfs *fs, pid_t pid,
		       struct pmt_proc *out) PMT_MUST_CHECK;
int pmt_proc_read_rest(struct pmt_procfs *fs, unsigned want,
		       struct pmt_proc *proc) PMT_MUST_CHECK;

/*
 * Its arguments, each ended by a NUL, as many as fit into SIZE bytes.  Returns
 * the length, 0 for a zombie or a kernel thread, or -errno.
 */
ssize_t pmt_proc_cmdline(struct pmt_procfs *fs, pid_t pid, char *buf,
			 size_t size) PMT_MUST_CHECK;

/* Of a process that /proc does not show: is it there all the same? */
bool pmt_proc_hidden(pid_t pid);

/* "sleeping" for 'S': the words that psutil uses. */
const char *pmt_proc_state_name(char state);

/* Nanoseconds that a process has lived, by the clock that `start` is on. */
uint64_t pmt_proc_age(const struct pmt_proc *proc);

#endif
