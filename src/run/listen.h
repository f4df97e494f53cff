/* SPDX-License-Identifier: MIT */
/* listen.h - have the tool of --dtrace listen before the program begins. */
#ifndef PMT_RUN_LISTEN_H
#define PMT_RUN_LISTEN_H

#include <sys/types.h>

#include "base/common.h"
#include "run/board.h"
#include "run/dtrace.h"

/*
 * The interpreter is given one end of a pair of sockets.  Once the probes are
 * there, it sends its PID, gets the tool's, and waits until the tool listens to
 * each, or until the other end is closed: then the tool has ended.  The tool
 * holds that open, unaware.
 */
struct run_listen {
	pid_t tool;	/* or what is to become it */
	int fd;		/* the interpreter's end */
};

/*
 * Before the interpreter starts.  What it must know goes on BOARD.  Returns 0
 * or -errno.
 */
int run_listen_start(struct run_listen *listen,
		     const struct run_dtrace *dtrace,
		     struct run_board *board) PMT_MUST_CHECK;

/* The program has ended: so does the tool, once it has printed the rest. */
void run_listen_wait(struct run_listen *listen);

#endif
