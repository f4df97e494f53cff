/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/threads.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "base/array.h"

/* Threads may start threads while we look. */
enum { ROUNDS_MAX = 100 };

static bool
is_stopped(const struct pmt_threads *threads, pid_t thread)
{
	for (size_t i = 0; i < threads->count; i++)
		if (threads->list[i] == thread)
			return true;
	return false;
}

/* Is it there, and has not ended?  A signal that came first stays pending. */
static bool
wait_for_stop(pid_t thread)
{
	int status;

	while (waitpid(thread, &status, __WALL) == -1)
		if (errno != EINTR)
			return false;
	if (!WIFSTOPPED(status))
		return false;
	/* Not our stop but a signal's delivery: it goes on after us. */
	if (status >> 16 == 0)
		ptrace(PTRACE_DETACH, thread, 0, (long)WSTOPSIG(status));
	return status >> 16 != 0;
}

/* Of a thread that ends the kernel says EPERM, as of one that is not ours. */
static bool
is_ending(pid_t pid, pid_t thread)
{
	char path[64], line[128], state = 'X';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid,
		 (int)thread);
	file = fopen(path, "re");
	if (file == NULL)
		return true;
	while (fgets(line, sizeof(line), file) != NULL &&
	       sscanf(line, "State: %c", &state) != 1)
		;
	fclose(file);
	return state == 'Z' || state == 'X';
}

/* Returns 1; 0: THREAD ends, or has; or -errno. */
static int
stop(struct pmt_threads *threads, pid_t pid, pid_t thread)
{
	if (pmt_array_reserve((void **)&threads->list, sizeof(*threads->list),
			      threads->count, &threads->room) < 0)
		return -ENOMEM;
	if (ptrace(PTRACE_SEIZE, thread, 0, 0) == -1) {
		int err = -errno;

		return err == -ESRCH || is_ending(pid, thread) ? 0 : err;
	}
	ptrace(PTRACE_INTERRUPT, thread, 0, 0);
	if (wait_for_stop(thread))
		threads->list[threads->count++] = thread;
	return 1;
}

/* Returns how many were not stopped before, or -errno. */
static int
stop_new(struct pmt_threads *threads, pid_t pid)
{
	struct dirent *entry;
	char path[32];
	int found = 0, err = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (tasks == NULL)
		return errno == ENOENT ? -ESRCH : -errno;
	while (err >= 0 && (entry = readdir(tasks)) != NULL) {
		pid_t thread = (pid_t)atol(entry->d_name);

		if (thread == 0 || is_stopped(threads, thread))
			continue;
		err = stop(threads, pid, thread);
		found++;
	}
	closedir(tasks);
	return err < 0 ? err : found;
}

int
pmt_threads_stop(struct pmt_threads *threads, pid_t pid)
{
	int found = 1;

	*threads = (struct pmt_threads){ 0 };
	/*
	 * The first one first: should all be killed meanwhile, its end is not
	 * told before that of the others whom we trace.
	 */
	for (int i = 0; found > 0 && i < ROUNDS_MAX; i++)
		found = is_stopped(threads, pid) ? stop_new(threads, pid)
						 : stop(threads, pid, pid);
	if (found == 0 && is_stopped(threads, pid))
		return 0;
	pmt_threads_go(threads);
	return found < 0 ? found : found > 0 ? -EBUSY : -ESRCH;
}

void
pmt_threads_go(struct pmt_threads *threads)
{
	/* Who was killed meanwhile is ours to bury, the first one last. */
	for (size_t i = threads->count; i-- > 0;)
		if (ptrace(PTRACE_DETACH, threads->list[i], 0, 0) == -1)
			waitpid(threads->list[i], NULL, __WALL);
	free(threads->list);
	*threads = (struct pmt_threads){ 0 };
}

#ifdef __x86_64__

/* What the kernel would restart, or end with EINTR if there is a handler. */
static bool
would_restart(uint64_t result)
{
	int64_t err = -(int64_t)result;

	return err == 512 || err == 513 || err == 514 || err == 516;
}

static bool
is_wait(uint64_t call)
{
	static const long calls[] = {
		SYS_futex, SYS_epoll_wait, SYS_epoll_pwait, SYS_poll, SYS_ppoll,
		SYS_select, SYS_pselect6, SYS_nanosleep, SYS_clock_nanosleep,
		SYS_wait4, SYS_waitid, SYS_restart_syscall,
	};

	for (size_t i = 0; i < PMT_ARRAY_SIZE(calls); i++)
		if (call == (uint64_t)calls[i])
			return true;
	return false;
}

void
pmt_thread_interrupt(pid_t thread)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, thread, 0, &registers) == -1 ||
	    !is_wait(registers.orig_rax) || !would_restart(registers.rax))
		return;
	registers.rax = (uint64_t)-EINTR;
	ptrace(PTRACE_SETREGS, thread, 0, &registers);
}

#else

void
pmt_thread_interrupt(pid_t thread)
{
	(void)thread;
}

#endif
