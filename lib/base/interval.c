/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "base/interval.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

static struct {
	pthread_mutex_t mutex;
	pthread_t thread;
	_Atomic pid_t tid;	/* its number for the kernel */
	bool running;
	pthread_mutex_t waiting;
	pthread_cond_t stop;	/* by CLOCK_MONOTONIC */
	bool stopping;		/* guarded by `waiting` */
	uint64_t ns;
	void (*call)(void);	/* NULL: nothing is wanted */
} interval = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.waiting = PTHREAD_MUTEX_INITIALIZER,
};

/* False: it is time to stop. */
static bool
wait_until(const struct timespec *due)
{
	bool stopping;
	int err = 0;

	pthread_mutex_lock(&interval.waiting);
	while (!interval.stopping && err == 0)
		err = pthread_cond_timedwait(&interval.stop, &interval.waiting,
					     due);
	stopping = interval.stopping;
	pthread_mutex_unlock(&interval.waiting);
	return !stopping;
}

static void *
run(void *arg)
{
	struct timespec due;
	uint64_t ns;

	interval.tid = (pid_t)syscall(SYS_gettid);
	clock_gettime(CLOCK_MONOTONIC, &due);
	for (;;) {
		ns = (uint64_t)due.tv_nsec + interval.ns;
		due.tv_sec += (time_t)(ns / SECOND);
		due.tv_nsec = (long)(ns % SECOND);
		if (!wait_until(&due))
			return arg;
		interval.call();
	}
}

/* The rest runs under the mutex. */
static int
start(void)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int err;

	if (interval.running || interval.call == NULL)
		return 0;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	err = pthread_cond_init(&interval.stop, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (err != 0)
		return -err;
	interval.stopping = false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&interval.thread, NULL, run, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	interval.running = err == 0;
	return -err;
}

static void
stop(void)
{
	if (!interval.running)
		return;
	pthread_mutex_lock(&interval.waiting);
	interval.stopping = true;
	pthread_cond_signal(&interval.stop);
	pthread_mutex_unlock(&interval.waiting);
	pthread_join(interval.thread, NULL);
	/* It is counted until the kernel has buried it, a moment later. */
	while (syscall(SYS_tgkill, getpid(), interval.tid, 0) == 0)
		sched_yield();
	pthread_cond_destroy(&interval.stop);
	interval.running = false;
}

static void
before_fork(void)
{
	pthread_mutex_lock(&interval.mutex);
	stop();
}

static void
after_fork(void)
{
	pthread_mutex_unlock(&interval.mutex);
}

int
pmt_interval_start(uint64_t ns, void (*call)(void))
{
	static bool registered;
	int err;

	pthread_mutex_lock(&interval.mutex);
	err = registered ? 0 : -pthread_atfork(before_fork, after_fork,
					       after_fork);
	registered = err == 0;
	stop();
	interval.ns = ns;
	interval.call = call;
	if (err == 0)
		err = start();
	pthread_mutex_unlock(&interval.mutex);
	return err;
}

void
pmt_interval_stop(void)
{
	pthread_mutex_lock(&interval.mutex);
	stop();
	interval.call = NULL;
	pthread_mutex_unlock(&interval.mutex);
}

void
pmt_interval_resume(void)
{
	if (pthread_mutex_trylock(&interval.mutex) != 0)
		return;
	(void)start();
	pthread_mutex_unlock(&interval.mutex);
}
