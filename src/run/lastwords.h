/* SPDX-License-Identifier: MIT */
/* lastwords.h - does the program's control group run out of memory? */
#ifndef PMT_RUN_LASTWORDS_H
#define PMT_RUN_LASTWORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/*
 * The limit of the group (memory.max of cgroup v2, memory cgroup of cgroups(7))
 * that we are in, as what we start will be.  Zeroed memory: there is none.
 */
struct run_lastwords {
	char *group;		/* its directory, or NULL */
	uint64_t max, kills;	/* bytes; kills that it had before */
	bool asks;		/* SIGUSR1 makes the program write a report */
	bool asked;		/* and it was sent, lately */
	bool ever;		/* ... at all */
};

/* Look whether there is a limit.  ASKS is kept. */
void run_lastwords_open(struct run_lastwords *words, bool asks);

/* How long to wait until the next look; NULL: for ever. */
const struct timespec *run_lastwords_wait(const struct run_lastwords *words);

/*
 * The program, PID, runs.  When nine tenths of the limit are in use it is asked
 * for a report, if it catches the signal, and again after less was in use.
 */
void run_lastwords_look(struct run_lastwords *words, pid_t pid);

/*
 * It has ended with the wait status STATUS.  Was it killed for want of memory?
 * Then say so.
 */
bool run_lastwords_tell(const struct run_lastwords *words, int status);

void run_lastwords_close(struct run_lastwords *words);

#endif
