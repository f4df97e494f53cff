/* SPDX-License-Identifier: MIT */
/* lastwords.h - does the program's control group run out of memory? */
#ifndef PMT_RUN_LASTWORDS_H
#define PMT_RUN_LASTWORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* A state of the group that the program is asked for a report in. */
struct run_lastwords_state {
	bool asked;		/* lately */
	bool ever;
};

/*
 * The group (cgroup v2, memory cgroup of cgroups(7)) that we are in, as what we
 * start will be.  Zeroed memory: there is none.
 */
struct run_lastwords {
	char *group;		/* its directory, or NULL */
	uint64_t max, kills;	/* bytes, of memory.max; kills before */
	bool asks;		/* SIGUSR1 makes the program write a report */
	struct run_lastwords_state full, pressed;
	unsigned int worst;	/* pressure, in hundredths of a percent */
};

/* Look whether there is such a group.  ASKS is kept. */
void run_lastwords_open(struct run_lastwords *words, bool asks);

/* How long to wait until the next look; NULL: for ever. */
const struct timespec *run_lastwords_wait(const struct run_lastwords *words);

/*
 * The program, PID, runs.  It is asked for a report, if it catches the signal,
 * when nine tenths of the limit are in use, and when some process waited for
 * memory for a tenth of the last ten seconds; and again after it was better.
 */
void run_lastwords_look(struct run_lastwords *words, pid_t pid);

/*
 * It has ended with the wait status STATUS.  Say so if it was killed for want
 * of memory, and return that; and, unless QUIET, if it was asked for a report
 * since it waited for memory.
 */
bool run_lastwords_tell(const struct run_lastwords *words, int status,
			bool quiet);

void run_lastwords_close(struct run_lastwords *words);

#endif
