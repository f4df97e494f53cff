/* SPDX-License-Identifier: MIT */
/* logfd.h - which descriptor is the log's, though others close and reuse it? */
#ifndef PMT_LOGFD_H
#define PMT_LOGFD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"

struct pmt_logfd {
	int fd;			/* -1: none */
	bool regular;		/* a file that keeps what is written */
	uint64_t device, inode;	/* the file's, to notice a foreign fd */
};

/*
 * Create PATH, for our user only, or cut it to KEPT bytes, above the numbers
 * that daemons close and shells use; FLAGS are more flags of open(2).  A
 * regular file is locked as long as it is open, by flock(2), and gets MODE if
 * that is not 0.  Named pipes wait for a reader.
 * Returns 0 or -errno: -EBUSY, another writer has locked it, and it stays as
 * it is.
 */
int pmt_logfd_open(struct pmt_logfd *file, const char *path, int flags,
		   unsigned int mode, off_t kept) PMT_MUST_CHECK;

/* The same of a duplicate of FD, which stays the caller's. */
int pmt_logfd_dup(struct pmt_logfd *file, int fd) PMT_MUST_CHECK;

/*
 * A daemon closes descriptors that it did not open, and the number may be
 * another file's by now: look before each write, and open PATH again if so.
 * Returns 0 or -errno: -ESTALE, another file has the name now.
 */
int pmt_logfd_check(struct pmt_logfd *file, const char *path) PMT_MUST_CHECK;

/* Is the descriptor still the file's? */
bool pmt_logfd_is_ours(const struct pmt_logfd *file);

/* Returns 0 or -errno.  Nothing to close is no failure. */
int pmt_logfd_close(struct pmt_logfd *file);

#endif
