/* SPDX-License-Identifier: MIT */
/* status.h - how does pmt-run end when it is not as the program did? */
#ifndef PMT_RUN_STATUS_H
#define PMT_RUN_STATUS_H

/* As env(1) and timeout(1) have it. */
enum {
	RUN_FAILED = 125,	/* pmt-run itself */
	RUN_CANNOT = 126,	/* the interpreter is there, but does not run */
	RUN_MISSING = 127,	/* there is no such interpreter */
};

#endif
