/* SPDX-License-Identifier: MIT */
/* threads.h - what keeps threads apart, under the GIL and without it? */
#ifndef PMT_THREADS_H
#define PMT_THREADS_H

#include "base/lock.h"
#include "module/compat.h"

/*
 * With a GIL, whoever calls us holds that of the interpreter we were imported
 * in, but for the reference tracer: CPython has one for the process, and calls
 * it from interpreters that have a GIL of their own too.  A free-threaded
 * build has none: events of all kinds come from all threads at the same time,
 * and so do calls of our functions.
 *
 * 1. The event lock guards what events touch: the blocks that are entered,
 *    their logs, samplers, clocks and counts, and what is known of types and
 *    code objects.  It is one for the process, because rows of one log stand
 *    one behind the other, and the blocks share what is known.
 *
 *    It spins, and who spins is attached to its interpreter.  So the holder
 *    must get on without any other Python thread:
 *
 *    - It calls nothing that may detach the thread (give up the GIL).  To stop
 *      the world, as a garbage collection does, CPython waits until all other
 *      threads are detached; one that spins here is not.  As holders never
 *      detach, nobody holds the lock while the world stands still, and the
 *      thread that stopped it gets the lock at once in its own callbacks.
 *    - It waits for no lock of CPython's, of an object or other: the owner may
 *      make an object, and so be in a callback that spins here.  To try for
 *      one is allowed (compat_try_lock()).
 *    - It makes and destroys no object: that is an event, which would spin.
 *
 *    malloc(3) and write(2) end by themselves.
 *
 * 2. ONE_AT_A_TIME lets calls of our functions run as the GIL does: until they
 *    return, or call what may detach.  The state of objects must allow for
 *    others at such a call, as it always had to.
 *
 * 3. The switching lock is held across such calls, by who switches events on
 *    or off: it takes several.
 *
 * The event lock is taken last.  Who waits for one of the others detaches, and
 * so gives up 2 meanwhile.
 */

extern PMT_HIDDEN struct pmt_lock threads_event_lock;

static inline void
events_lock(void)
{
	pmt_lock_take(&threads_event_lock);
}

static inline void
events_unlock(void)
{
	pmt_lock_release(&threads_event_lock);
}

/* The same, where the GIL does not do that already. */
static inline void
events_lock_without_gil(void)
{
	if (COMPAT_FREE_THREADED)
		events_lock();
}

static inline void
events_unlock_without_gil(void)
{
	if (COMPAT_FREE_THREADED)
		events_unlock();
}

/*
 * Forked children find the event lock free, and what it guards whole, from now
 * on.  To be called before handlers that need that are registered.  Returns 0
 * or -errno.
 */
int threads_prepare_fork(void) PMT_MUST_CHECK;

#if COMPAT_FREE_THREADED

/* A statement at the beginning of a function. */
#define ONE_AT_A_TIME \
	__attribute__((cleanup(PyCriticalSection_End))) \
	PyCriticalSection one_at_a_time; \
	PyCriticalSection_Begin(&one_at_a_time, &threads_api)

extern PyObject threads_api;	/* no object: only its mutex is used */

/* May detach.  The holder may take it again, in an audit hook for example. */
void switching_lock(void);
void switching_unlock(void);

#else

#define ONE_AT_A_TIME ((void)0)

static inline void
switching_lock(void)
{
}

static inline void
switching_unlock(void)
{
}

#endif

#endif
