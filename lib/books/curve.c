/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "books/curve.h"

static void
join_pairs(struct pmt_curve *curve)
{
	for (unsigned i = 0; i < curve->count / 2; i++) {
		const struct pmt_curve_point *a = &curve->points[2 * i];
		const struct pmt_curve_point *b = a + 1;

		curve->points[i] = (struct pmt_curve_point){
			.clock = a->clock,
			.low = a->low < b->low ? a->low : b->low,
			.high = a->high > b->high ? a->high : b->high,
			.last = b->last,
		};
	}
	curve->count /= 2;
	curve->stride *= 2;
	curve->in_last = curve->stride;
}

void
pmt_curve_add(struct pmt_curve *curve, int64_t clock, int64_t value)
{
	struct pmt_curve_point *point;

	if (curve->count == 0)
		curve->stride = curve->in_last = 1;
	else if (curve->count == PMT_CURVE_POINTS &&
		 curve->in_last == curve->stride)
		join_pairs(curve);
	if (curve->count == 0 || curve->in_last == curve->stride) {
		curve->points[curve->count++] = (struct pmt_curve_point){
			clock, value, value, value
		};
		curve->in_last = 1;
		return;
	}
	point = &curve->points[curve->count - 1];
	if (value < point->low)
		point->low = value;
	if (value > point->high)
		point->high = value;
	point->last = value;
	curve->in_last++;
}
