/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/sampled.h"

#include <math.h>
#include <string.h>

uint64_t
pmt_sampled(struct pmt_text text)
{
	static const char mark[] = PMT_SAMPLED, end[] = PMT_SAMPLED_END;
	const char *at = memmem(text.bytes, text.length, mark,
				sizeof(mark) - 1);
	const char *stop = text.bytes + text.length;
	uint64_t sample = 0;

	if (at == NULL)
		return 1;
	for (at += sizeof(mark) - 1; at < stop && *at >= '0' && *at <= '9' &&
	     sample <= INT64_MAX / 10 - 1; at++)
		sample = sample * 10 + (uint64_t)(*at - '0');
	if (sample == 0 || (size_t)(stop - at) < sizeof(end) - 1 ||
	    memcmp(at, end, sizeof(end) - 1) != 0)
		return 1;
	return sample;
}

/*
 * What was seen is Poisson's: two roots of it, and what that lacks where it is
 * little (Gehrels 1986).
 */
uint64_t
pmt_sampled_error(uint64_t count, uint64_t sample)
{
	double seen = (double)count / (double)sample;

	if (sample == 1)
		return 0;
	return (uint64_t)fmin((2 * sqrt(seen + 1) + 2) * (double)sample, 1e18);
}
