/* SPDX-License-Identifier: MIT */
/* once.h - what is to be done once, and tried again where it failed. */
#ifndef PMT_ONCE_H
#define PMT_ONCE_H

#include <stdbool.h>

/*
 * The value of STEP, 0 or an error, until it has been 0 at this place of the
 * source; from then on 0, and STEP is not evaluated.  Two threads must not be
 * here at the same time.
 */
#define PMT_ONCE(step) ({ \
	static bool once_done; \
	int once_err = once_done ? 0 : (step); \
	once_done = once_err == 0; \
	once_err; \
})

#endif
