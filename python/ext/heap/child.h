/* SPDX-License-Identifier: MIT */
/* child.h - what walks the heap while the program goes on? */
#ifndef PMT_HEAP_CHILD_H
#define PMT_HEAP_CHILD_H

#include "base/common.h"
#include "module/compat.h"

/*
 * A copy of the process that nobody else sees: it sends no SIGCHLD, wait(2)
 * does not find it, no atfork handler runs, it has no descriptors, signals do
 * not reach it, and it is the first to go when memory is short.
 */

/*
 * Let a child run WORK(ARG), whose 0 or -errno is its outcome, for SECONDS at
 * most.  Returns the child, or -errno.  Needs the GIL.
 */
pid_t heap_child_begin(int (*work)(void *arg), void *arg,
		       unsigned int seconds) PMT_MUST_CHECK;

/*
 * Its outcome; FLAGS may be WNOHANG: -EINPROGRESS, it still works.  -ETIMEDOUT:
 * it took too long; -ECANCELED: it was killed; -ECHILD: it is no child of
 * ours.
 */
int heap_child_wait(pid_t pid, int flags) PMT_MUST_CHECK;

/* Both; the GIL is released meanwhile. */
int heap_child_run(int (*work)(void *arg), void *arg,
		   unsigned int seconds) PMT_MUST_CHECK;

/* Raise what became of it, ERR; PATH, of the file it wrote, may be NULL. */
void heap_child_raise(int err, const char *path);

/*
 * In a child, without the GIL: object I of those that the collector tracked
 * when it began, or NULL after the last.
 */
PyObject *heap_child_tracked(size_t i);

#endif
