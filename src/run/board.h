/* SPDX-License-Identifier: MIT */
/* board.h - how do pmt-run and the interpreter it starts talk? */
#ifndef PMT_RUN_BOARD_H
#define PMT_RUN_BOARD_H

#include <stddef.h>
#include <sys/types.h>

#include "base/common.h"

/*
 * The board is a file in memory that both hold open: pmt-run writes settings
 * before the start, the tracer's start-up module adds results, pmt-run reads
 * them once the program has ended.  Unlike a pipe it cannot fill up, breaks
 * nobody who writes late, and survives the death of its writer.
 *
 * Settings are KEY=VALUE entries, each ended by a NUL; results are the same
 * behind "PID ", for forked children write too.
 */
struct run_board {
	int fd;			/* inherited by the interpreter */
	char *results;		/* NULL until read */
	size_t settings;	/* bytes */
	size_t size;		/* of the results */
	pid_t pid;		/* the process that the run is about */
};

/* Returns 0 or -errno. */
int run_board_open(struct run_board *board) PMT_MUST_CHECK;

/* Add a setting.  Returns 0 or -errno. */
int run_board_set(struct run_board *board, const char *key, const char *value)
	PMT_MUST_CHECK;

/*
 * Have it be a new file at PATH, for a process that does not inherit it; its
 * owner is OWNER, if we may.  Returns 0 or -errno.
 */
int run_board_move(struct run_board *board, const char *path, uid_t owner)
	PMT_MUST_CHECK;

/*
 * Fetch what was added to the settings; may be called again for more.  Returns
 * 0 or -errno.
 */
int run_board_read(struct run_board *board) PMT_MUST_CHECK;

/*
 * The results in their order, one a call, as KEY=VALUE and who wrote it;
 * *POSITION is 0 at first.  NULL after the last.
 */
const char *run_board_next(const struct run_board *board, size_t *position,
			   pid_t *pid);

/* The last value of KEY; NULL when nobody wrote it.  The board owns it. */
const char *run_board_get(const struct run_board *board, const char *key);

/* How often the process that the run is about wrote KEY. */
size_t run_board_count(const struct run_board *board, const char *key);

/* Frees all of it. */
void run_board_close(struct run_board *board);

#endif
