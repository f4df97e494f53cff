/* SPDX-License-Identifier: MIT */
/* ownfile.h - is a file that lies where ours would be really one of ours? */
#ifndef PMT_OWNFILE_H
#define PMT_OWNFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/common.h"

/*
 * Open a regular file of our own user that has no other name and is no
 * symbolic link, with the FLAGS of open(2).  Returns the descriptor or -errno:
 * -EPERM, -ELOOP, it is none.
 */
int pmt_ownfile_open(const char *path, int flags) PMT_MUST_CHECK;

/* Do these bytes begin as a log does? */
bool pmt_ownfile_begins_log(const char *bytes, size_t size);

/*
 * Remove a file of ours that begins with the 8 bytes MAGIC; NULL: as logs do.
 * Returns 0, also if there is none, or -errno: -EEXIST, it is something else.
 */
int pmt_ownfile_remove(const char *path, const char *magic) PMT_MUST_CHECK;

/*
 * Remove such a file and make a new one of SIZE zeroes, whose blocks are
 * reserved, lest a full disk turn a store to its mapping into SIGBUS.  Nobody
 * may write to it, so that nobody cuts it, but through the descriptor that is
 * returned.  Or -errno, like pmt_ownfile_remove().
 */
int pmt_ownfile_renew(const char *path, const char *magic, off_t size)
	PMT_MUST_CHECK;

#endif
