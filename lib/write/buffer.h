/* SPDX-License-Identifier: MIT */
/* buffer.h - where do rows wait until they are written? */
#ifndef PMT_BUFFER_H
#define PMT_BUFFER_H

enum { PMT_BUFFER_SIZE = 128 * 1024 };	/* bytes */

/*
 * The header of logtail.h and PMT_BUFFER_SIZE bytes behind PMT_LOGTAIL_TEXT,
 * all of it touched, and no part of a forked child.  Any thread may come.
 */

/* Plain memory, in which anything may stand; or NULL. */
void *pmt_buffer_new(void);

/*
 * Zeroes in a new file PATH, which the caller removes; or NULL.  Those whom
 * MODE lets read may read it, and nobody may write; 0: our user alone.
 */
void *pmt_buffer_of_file(const char *path, unsigned int mode);

/* Give up a buffer of plain memory: the next one may be that. */
void pmt_buffer_free(void *buffer);

/* Give back the memory of any buffer. */
void pmt_buffer_unmap(void *buffer);

#endif
