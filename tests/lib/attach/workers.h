/* SPDX-License-Identifier: MIT */
/* workers.h - a child with threads at work, for tests; with cmocka. */
#ifndef PMT_TESTS_WORKERS_H
#define PMT_TESTS_WORKERS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/threads.h"

enum { COUNT = 3, SECONDS = 100 };

/* What a child's threads count, each its own. */
static volatile uint64_t *counters;

static inline void *
count(void *arg)
{
	volatile uint64_t *counter = arg;

	for (;;)
		(*counter)++;
	return NULL;
}

static inline void
start_thread(pthread_t *thread, void *(*work)(void *), volatile void *arg)
{
	if (pthread_create(thread, NULL, work, (void *)arg) != 0)
		_exit(1);
}

/* Threads that count, the first one among them. */
static inline void
be_busy(void)
{
	pthread_t thread;

	for (int i = 1; i < COUNT; i++)
		start_thread(&thread, count, &counters[i]);
	count((void *)&counters[0]);
}

/* A child that does WORK, seen at work in each of THREADS counters. */
static inline pid_t
start(void (*work)(void), int threads)
{
	pid_t pid;

	for (int i = 0; i < COUNT; i++)
		counters[i] = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(SECONDS);
		work();
	}
	for (int i = 0; i < threads; i++)
		while (counters[i] == 0)
			usleep(1000);
	return pid;
}

static inline void
end(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static inline char
state_of(pid_t pid)
{
	char path[64], line[128], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL &&
	       sscanf(line, "State: %c", &state) != 1)
		;
	fclose(file);
	return state;
}

static inline void
wait_for_state(pid_t pid, char state)
{
	while (state_of(pid) != state)
		usleep(1000);
}

/* Is ptrace(2) allowed here at all? */
static inline bool
may_stop(void)
{
	struct pmt_threads threads;
	int err;
	pid_t pid;

	/* What hangs ends the test. */
	alarm(SECONDS);
	counters = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counters == MAP_FAILED)
		abort();
	pid = start(be_busy, COUNT);
	err = pmt_threads_stop(&threads, pid);
	if (err == 0)
		pmt_threads_go(&threads);
	else
		puts("1..0 # SKIP no process may be stopped here");
	end(pid);
	return err == 0;
}

#endif
