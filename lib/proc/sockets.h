/* SPDX-License-Identifier: MIT */
/* sockets.h - which sockets of a network namespace are internet sockets? */
#ifndef PMT_SOCKETS_H
#define PMT_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"

/*
 * The kernel's tables of one namespace, read once for all its processes.
 * Zeroed memory is an empty one.
 */
struct pmt_sockets {
	bool known;
	char namespace[64];	/* "net:[4026531840]" */
	uint64_t *inodes;	/* sorted */
	size_t count, room;
};

/*
 * Have the tables of PID's namespace, whose /proc is the descriptor DIR; those
 * that are there already stay.  Returns 0 or -errno; then there are none.
 */
int pmt_sockets_read(struct pmt_sockets *sockets, int dir, pid_t pid)
	PMT_MUST_CHECK;

/* Is LINK, what a descriptor in /proc/PID/fd points to, any socket? */
bool pmt_sockets_is_one(const char *link);

/* And is it one of those of the tables? */
bool pmt_sockets_has(const struct pmt_sockets *sockets, const char *link);

/* Have none: free what they take, and read them anew the next time. */
void pmt_sockets_forget(struct pmt_sockets *sockets);

#endif
