/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/threads.h"

#include <pthread.h>

#include "base/once.h"

struct pmt_lock threads_event_lock;

#if COMPAT_FREE_THREADED

PyObject threads_api;

static struct {
	PyMutex mutex;
	_Atomic uint64_t owner;		/* PyThreadState's id, or 0 */
	unsigned int depth;		/* how often the owner has it */
} switching;

void
switching_lock(void)
{
	uint64_t self = compat_thread_state()->id;

	if (switching.owner != self) {
		PyMutex_Lock(&switching.mutex);
		switching.owner = self;
	}
	switching.depth++;
}

void
switching_unlock(void)
{
	if (--switching.depth > 0)
		return;
	switching.owner = 0;
	PyMutex_Unlock(&switching.mutex);
}

/* Its holder may be detached while another thread forks. */
static void
free_switching_lock(void)
{
	PyThreadState *tstate = compat_thread_state();

	if (tstate != NULL && switching.owner == tstate->id)
		return;
	switching.mutex = (PyMutex){ 0 };
	switching.owner = 0;
	switching.depth = 0;
}

#else

static void
free_switching_lock(void)
{
}

#endif

static void
after_fork_in_child(void)
{
	events_unlock();
	free_switching_lock();
}

int
threads_prepare_fork(void)
{
	return PMT_ONCE(-pthread_atfork(events_lock, events_unlock,
					after_fork_in_child));
}
