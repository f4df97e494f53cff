/* SPDX-License-Identifier: MIT */
/* growing.h - which objects of a log grow most? */
#ifndef PMT_RUN_GROWING_H
#define PMT_RUN_GROWING_H

#include <stdbool.h>

/*
 * The first group that pmt-analyse says is growing; where none is, and what was
 * alive at the peak is gone, the first of those that were alive then.
 */
struct run_growing {
	char *what;	/* "1,500 __main__.Message, leak.py:29 say" */
	char *held;	/* "1500 by PATH (of LENGTH)"; NULL: not known */
	bool at_peak;
};

/*
 * False: there is none or, which this says, the log takes long to read or there
 * is no memory for it.  The caller frees both texts after true.
 */
bool run_growing(const char *log, struct run_growing *growing);

#endif
