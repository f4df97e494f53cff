/* SPDX-License-Identifier: MIT */
/* watched.h - the process to watch: one that runs, or a command to start. */
#ifndef PMT_CLI_WATCHED_H
#define PMT_CLI_WATCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "cli/option.h"
#include "proc/procfs.h"
#include "proc/ticker.h"

enum {
	WATCHED_CANNOT_RUN = 126,
	WATCHED_NOT_FOUND = 127,
};

struct watched {
	pid_t pid;
	bool ours;		/* we started it */
	bool ended;
	int wait_status;	/* of ours, once it has ended */
	struct rusage usage;	/* of ours, once it has ended */
	int pidfd;		/* readable when it has ended, or -1 */
	bool forwarded;		/* a signal was passed on */
};

/* Between samples, unless told otherwise. */
#define WATCHED_INTERVAL 1000000000

/* What the watchers are asked for alike. */
struct watched_options {
	pid_t pid;		/* 0: there is a command */
	char **command;
	uint64_t interval, duration, count;	/* 0: without end */
};

/* The key of --count, which has no letter. */
#define WATCHED_KEY_COUNT 512

/* Of -p, -i, -d and --count, for cli_option_set(). */
extern const struct cli_option watched_option_table[];

/* After COUNT samples: are they all, or is END, a monotonic time, over? */
bool watched_enough(const struct watched_options *options, uint64_t count,
		    uint64_t end);

/*
 * Open /proc, or the timer that ticks as OPTIONS ask: to be closed by
 * pmt_procfs_close(), pmt_ticker_close().  Ends the program if it cannot.
 */
struct pmt_procfs *watched_procfs_open(void);
void watched_ticker_open(const struct watched_options *options,
			 struct pmt_ticker *ticker);

/* Watch PID, which need not exist. */
void watched_attach(struct watched *watched, pid_t pid);

/* End the program, which cannot read the process for ERR, a -errno. */
void watched_die(const struct watched *watched, int err)
	__attribute__((noreturn));

/*
 * Start COMMAND with the signal mask MASK.  When it cannot run the program
 * ends with a message and WATCHED_NOT_FOUND or WATCHED_CANNOT_RUN, as env(1).
 */
void watched_start(struct watched *watched, char **command,
		   const sigset_t *mask);

/* Collect children of ours that ended, the command and adopted orphans. */
void watched_reap(struct watched *watched);

/*
 * Wait for a tick, a signal or the end of the process; MORE may be
 * readable too, -1 is none.  Returns the ticks, as pmt_ticker_wait does.
 */
int64_t watched_wait(struct watched *watched, const struct pmt_ticker *ticker,
		    int more);

/*
 * We were told to stop.  A command of ours is told the same and given the time
 * to end: then the result is true, and the next signal ends us at once.
 */
bool watched_lives_on(struct watched *watched, int signal);

/* The exit status to pass on: its own, 128 + n if it died of signal n. */
int watched_status(const struct watched *watched);

#endif
