/* SPDX-License-Identifier: MIT */
/* statm.h - how many pages of this very process are resident, asked often? */
#ifndef PMT_STATM_H
#define PMT_STATM_H

#include <stdint.h>

#include "base/common.h"

/*
 * /proc/self/statm, kept open.  A program that closes all descriptors closes
 * this one, and may open its own under that number: it is ours only as long as
 * it reads like statm.  After fork(2) it goes on showing the parent, so the
 * child closes it and opens its own.
 */

/* A descriptor, or -errno of open(2).  The caller's to close. */
int pmt_statm_open(void) PMT_MUST_CHECK;

/*
 * *pages: resident now, from *FD, which may be below 0 and is opened anew where
 * it is not ours.  Returns 0, or -errno and *pages as it was.
 */
int pmt_statm_read(int *fd, uint64_t *pages) PMT_MUST_CHECK;

/* Close FD if it is ours. */
void pmt_statm_close(int fd);

/* The same, or keep it for the next pmt_statm_open() of this process. */
void pmt_statm_keep(int fd);

#endif
