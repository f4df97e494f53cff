/* SPDX-License-Identifier: MIT */
/* target.h - a program that runs already does what we tell it, and answers. */
#ifndef PMT_RUN_TARGET_H
#define PMT_RUN_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "attach/attach.h"
#include "run/board.h"

struct run_target {
	pid_t pid;
	int pidfd;		/* readable once it has ended; -1: not known */
	int signals;		/* that ask us to stop */
	uint64_t wait;		/* ns for which it may be busy; 0: any time */
	bool told;		/* that it is busy */
	const char *if_idle;	/* code to run instead once that was told, */
				/* or NULL */
	struct pmt_attach attach;
	struct run_board *board;	/* in the directory */
	char *directory;	/* for what it is to read, as we see it ... */
	size_t prefix;		/* ... behind so many bytes that it does not */
	size_t answers;		/* got from it ... */
	size_t again;		/* ... that were no more than to ask again */
	bool begun;		/* it has done something of what it was told */
};

/*
 * Find the CPython of PID and put BOARD where it can reach it.  Ends the
 * process with a message if that cannot be.
 */
void run_target_open(struct run_target *target, pid_t pid,
		     struct run_board *board, const char *package);

/*
 * Have it run CODE, Python without a newline, and wait for its answer on the
 * board; while that is to ask again, do so.  Returns 0 or -errno: -ETIMEDOUT,
 * it did not begin with it; -EINTR, nor until we were asked to stop; -ESRCH, it
 * has ended; -EPROTO, it did begin but does not answer.
 */
int run_target_do(struct run_target *target, const char *code) PMT_MUST_CHECK;

/* The path of NAME in its directory, as we see it; the caller frees it. */
char *run_target_file(const struct run_target *target, const char *name);

/* One line that says why the last did not do. */
void run_target_explain(const struct run_target *target, int err);

/*
 * Wait for TIMEOUT ns, or for ever if it is negative.  Returns 0, -EINTR: we
 * were asked to stop, or -ESRCH: it has ended.
 */
int run_target_wait(struct run_target *target, int64_t timeout) PMT_MUST_CHECK;

/* Removes what was made for it. */
void run_target_close(struct run_target *target);

#endif
