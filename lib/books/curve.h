/* SPDX-License-Identifier: MIT */
/* curve.h - a number over time, in no more points than a picture shows. */
#ifndef PMT_CURVE_H
#define PMT_CURVE_H

#include <stdint.h>

#define PMT_CURVE_POINTS 4096

/* What the number was from one clock to the next point's. */
struct pmt_curve_point {
	int64_t clock;		/* of the first value */
	int64_t low, high, last;
};

/* Points are joined in pairs when there are too many; zeroed is empty. */
struct pmt_curve {
	struct pmt_curve_point points[PMT_CURVE_POINTS];
	unsigned count;
	uint64_t stride;	/* values in each point but the last */
	uint64_t in_last;
};

void pmt_curve_add(struct pmt_curve *curve, int64_t clock, int64_t value);

#endif
