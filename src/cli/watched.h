/* SPDX-License-Identifier: MIT */
/* watched.h - the process to watch: one that runs, or a command to start. */
#ifndef PMT_CLI_TARGET_H
#define PMT_CLI_TARGET_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "proc/ticker.h"

enum {
	TARGET_CANNOT_RUN = 126,
	TARGET_NOT_FOUND = 127,
};

struct target {
	pid_t pid;
	bool ours;		/* we started it */
	bool ended;
	int wait_status;	/* of ours, once it has ended */
	struct rusage usage;	/* of ours, once it has ended */
	int pidfd;		/* readable when it has ended, or -1 */
	bool forwarded;		/* a signal was passed on */
};

/* Between samples, unless told otherwise. */
#define TARGET_INTERVAL 1000000000

/* Arguments of --pid and --interval; see cli.h. */
pid_t target_pid(struct argp_state *state, const char *arg);
uint64_t target_interval(struct argp_state *state, const char *arg);

/* Watch PID, which need not exist. */
void target_attach(struct target *target, pid_t pid);

/*
 * Start COMMAND with the signal mask MASK.  When it cannot run the program
 * ends with a message and TARGET_NOT_FOUND or TARGET_CANNOT_RUN, as env(1).
 */
void target_start(struct target *target, char **command, const sigset_t *mask);

/* Collect children of ours that ended, the target and adopted orphans. */
void target_reap(struct target *target);

/*
 * Wait for a tick, a signal or the end of the target; MORE may be readable
 * too, -1 is none.  Returns the ticks, as pmt_ticker_wait does.
 */
int64_t target_wait(struct target *target, const struct pmt_ticker *ticker,
		    int more);

/*
 * We were told to stop.  A command of ours is told the same and given the time
 * to end: then the result is true, and the next signal ends us at once.
 */
bool target_lives_on(struct target *target, int signal);

/* The exit status to pass on: its own, 128 + n if it died of signal n. */
int target_status(const struct target *target);

#endif
