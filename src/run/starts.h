/* SPDX-License-Identifier: MIT */
/* starts.h - which programs were started, and which of them were followed? */
#ifndef PMT_RUN_STARTS_H
#define PMT_RUN_STARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "run/board.h"

/* What an entry says of one program; the board owns the text. */
struct run_start {
	pid_t parent, child;
	const char *how;	/* ends in a separator, as what follows */
	bool followed;
};

/* A process that has a log of its own, which explains one start. */
struct run_follower {
	pid_t pid, parent;
	bool taken;
};

struct run_starts {
	struct run_start *list;
	size_t count, room;
	struct run_follower *followers;
	size_t follower_count, follower_room;
	const char *refusal;	/* why the last one was not followed, or NULL */
};

/* BOARD owns the texts, and must stay as it is. */
void run_starts_read(const struct run_board *board, struct run_starts *starts);

void run_starts_free(struct run_starts *starts);

#endif
