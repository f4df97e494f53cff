/* SPDX-License-Identifier: MIT */
/* importtime.h - when has a program imported what it begins with? */
#ifndef PMT_IMPORTTIME_H
#define PMT_IMPORTTIME_H

#include <stdbool.h>
#include <stdint.h>

/* Clocks are in nanoseconds. */
struct pmt_importtime {
	int64_t start;		/* of the axis */
	int64_t last;		/* clock that was told */
	uint64_t imported;	/* of the time between */
};

void pmt_importtime_init(struct pmt_importtime *time, int64_t start);

/*
 * The time until CLOCK was spent by an import that a module's code asks for, or
 * not.  True: an import took it, and imports took three quarters of all since
 * the start, which is CLOCK from now on.  Work that a shorter import follows
 * stays on the axis.
 */
bool pmt_importtime_pass(struct pmt_importtime *time, int64_t clock,
			 bool imports);

#endif
