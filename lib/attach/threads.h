/* SPDX-License-Identifier: MIT */
/* threads.h - how do all threads of a process stand still for a moment? */
#ifndef PMT_ATTACH_THREADS_H
#define PMT_ATTACH_THREADS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/common.h"

/* Threads that wait for pmt_threads_go(). */
struct pmt_threads {
	pid_t *list;
	size_t count, room;
};

/*
 * Stop all threads of PID by ptrace(2); should we die, the kernel lets them go.
 * Returns 0 or -errno, and then nothing is stopped: -EPERM, not for us; -EBUSY,
 * new threads come faster than we stop them; -ESRCH, no such process.
 */
int pmt_threads_stop(struct pmt_threads *threads, pid_t pid) PMT_MUST_CHECK;

/* Let them go on where they were, and free THREADS. */
void pmt_threads_go(struct pmt_threads *threads);

/*
 * Should the stopped THREAD wait in a system call whose callers expect to be
 * interrupted, that ends with EINTR once it goes on; CPython looks at its flags
 * then, and waits again.  Not known on machines but x86-64.
 */
void pmt_thread_interrupt(pid_t thread);

#endif
