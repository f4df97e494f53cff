/* SPDX-License-Identifier: MIT */
/* attach.h - how does a CPython that runs already get to run a line of ours? */
#ifndef PMT_ATTACH_H
#define PMT_ATTACH_H

#include <sys/types.h>

#include "attach/cpython.h"
#include "base/common.h"

/*
 * By what CPython has for such purposes, and its main thread does it between
 * two instructions, with the GIL, as soon as it runs Python: up to 3.13 as a
 * pending call of PyRun_SimpleString(), from 3.14 on as a script for remote
 * debugging (PEP 768).  No code of ours is in the process, and no register is
 * changed but by pmt_attach_wake().  All its threads stand still while that is
 * written, some 0.1 ms.
 */
/*
 * Find the CPython of PID.  Returns 0 or -errno, and then nothing is to be
 * closed, but the version is told: -ESRCH, no such process; -EACCES or -EPERM,
 * it is not for us; -ENOEXEC, it is no CPython that we see; -ENOTSUP, pmt was
 * not built for that version.
 */
int pmt_attach_open(struct pmt_attach *attach, pid_t pid) PMT_MUST_CHECK;

/*
 * Have it run SCRIPT, which holds CODE.  Both stay the caller's.  Returns 0 or
 * -errno, and then nothing was changed: -EAGAIN, it starts, ends, or is not in
 * Python at this moment: try again; -ECONNREFUSED, it does not allow that;
 * -ENOSPC, there is no place for the code; -EPROTO, it is not as its version
 * should be; and those of pmt_threads_stop().
 */
int pmt_attach_post(struct pmt_attach *attach, const char *code,
		    const char *script) PMT_MUST_CHECK;

/* Has it begun with it?  Returns 0, 1 or -errno. */
int pmt_attach_is_taken(struct pmt_attach *attach) PMT_MUST_CHECK;

/* It has begun, and does not get on: see to that, where that may happen. */
void pmt_attach_settle(struct pmt_attach *attach);

/*
 * Should it wait in a system call, interrupt that: pmt_thread_interrupt().
 * From 3.14 on a thread that waits for a lock looks at pending calls but at no
 * script: queue one that does.
 */
void pmt_attach_wake(struct pmt_attach *attach);

/*
 * Take back what it has not begun with.  Returns 0, 1 if it has, or -errno:
 * then nobody knows.
 */
int pmt_attach_withdraw(struct pmt_attach *attach) PMT_MUST_CHECK;

/* Clear its memory of our code, which must have run. */
void pmt_attach_clear(struct pmt_attach *attach);

void pmt_attach_close(struct pmt_attach *attach);

#endif
