/* SPDX-License-Identifier: MIT */
/* growing.h - which objects of a log grow most? */
#ifndef PMT_RUN_GROWING_H
#define PMT_RUN_GROWING_H

/*
 * "1,500 __main__.Message, leak.py:29 say": the first group that pmt-analyse
 * says is growing, and *HELD, "1500 by PATH (of LENGTH)", or NULL if that is
 * not known.  NULL if none is, and for a log that takes long to read.  The
 * caller frees both.
 */
char *run_growing(const char *log, char **held);

#endif
