/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/starts.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/cli.h"

static void
add(struct run_starts *starts, pid_t parent, const char *value)
{
	char *how;
	pid_t child = (pid_t)strtol(value, &how, 10);

	if (*how != '\x1f')
		return;
	if (pmt_array_reserve((void **)&starts->list, sizeof(*starts->list),
			      starts->count, &starts->room) != 0)
		cli_need(NULL);
	starts->list[starts->count++] = (struct run_start){
		parent, child, how + 1, false,
	};
}

static void
add_follower(struct run_starts *starts, pid_t pid, const char *parent)
{
	if (pmt_array_reserve((void **)&starts->followers,
			      sizeof(*starts->followers),
			      starts->follower_count,
			      &starts->follower_room) != 0)
		cli_need(NULL);
	starts->followers[starts->follower_count++] = (struct run_follower){
		pid, (pid_t)atol(parent), false,
	};
}

static bool
is_exec(const struct run_start *started)
{
	return strncmp(started->how, "exec\x1f", 5) == 0;
}

/* PARENT's last exec(3) failed. */
static void
take_back(struct run_starts *starts, pid_t parent)
{
	for (size_t i = starts->count; i-- > 0;) {
		if (starts->list[i].parent != parent ||
		    !is_exec(&starts->list[i]))
			continue;
		memmove(&starts->list[i], &starts->list[i + 1],
			(--starts->count - i) * sizeof(*starts->list));
		return;
	}
}

static void
collect(const struct run_board *board, struct run_starts *starts)
{
	const char *key;
	size_t position = 0;
	pid_t pid;

	while ((key = run_board_next(board, &position, &pid)) != NULL) {
		if (strncmp(key, "started=", 8) == 0)
			add(starts, pid, key + 8);
		else if (strcmp(key, "unstarted=") == 0)
			take_back(starts, pid);
		else if (strncmp(key, "followed=", 9) == 0)
			add_follower(starts, pid, key + 9);
		else if (strncmp(key, "unfollowed=", 11) == 0)
			starts->refusal = key + 11;
	}
}

/* What a start leads to: itself, what a shell ran, or anything it may be. */
enum tie { TIE_SELF, TIE_PARENT, TIE_ANY, TIES };

static bool
is_tied(enum tie tie, const struct run_start *started,
	const struct run_follower *follower)
{
	switch (tie) {
	case TIE_SELF:
		return follower->pid == started->child;
	case TIE_PARENT:
		return follower->parent == started->child;
	default:
		return started->child == 0;
	}
}

static bool
take_follower(struct run_starts *starts, enum tie tie,
	      const struct run_start *started)
{
	for (size_t i = 0; i < starts->follower_count; i++) {
		struct run_follower *follower = &starts->followers[i];

		if (!follower->taken && is_tied(tie, started, follower)) {
			follower->taken = true;
			return true;
		}
	}
	return false;
}

/* The closest ties first, so that none is taken from where it belongs. */
static void
match(struct run_starts *starts)
{
	for (int tie = 0; tie < TIES; tie++)
		for (size_t i = 0; i < starts->count; i++) {
			struct run_start *started = &starts->list[i];

			if (!started->followed)
				started->followed = take_follower(
					starts, (enum tie)tie, started);
		}
}

void
run_starts_read(const struct run_board *board, struct run_starts *starts)
{
	*starts = (struct run_starts){ .list = NULL };
	collect(board, starts);
	match(starts);
}

void
run_starts_free(struct run_starts *starts)
{
	free(starts->list);
	free(starts->followers);
}
