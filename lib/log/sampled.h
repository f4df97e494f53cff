/* SPDX-License-Identifier: MIT */
/* sampled.h - is a log of all objects or of 1 in N? */
#ifndef PMT_SAMPLED_H
#define PMT_SAMPLED_H

#include <stdint.h>

#include "base/text.h"

/* What a tracer of 1 in N says of itself has N between these. */
#define PMT_SAMPLED "; 1 in "
#define PMT_SAMPLED_END " objects"

/* N, or 1 if TEXT, what a tracer says of itself, tells of no sample. */
uint64_t pmt_sampled(struct pmt_text text);

/*
 * How far an estimate of COUNT objects, alive at one time, is off at most, 19
 * times out of 20: COUNT is N times what was seen.
 */
uint64_t pmt_sampled_error(uint64_t count, uint64_t sample);

#endif
