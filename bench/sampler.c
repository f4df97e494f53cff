/* SPDX-License-Identifier: MIT */
/* sampler.c - nanoseconds an event spends on its time stamp, clock and RSS. */
#include <config.h>

#include <stdio.h>

#include "sample/sampler.h"

#define EVENTS 2000000
#define REPEATS 9

enum what { TICKS, CLOCK, RSS, BOTH };

static volatile uint64_t sink;

static double
run(enum what what, struct pmt_clock *clock, struct pmt_sampler *sampler)
{
	uint64_t start = pmt_now(CLOCK_MONOTONIC), ticks;

	for (int i = 0; i < EVENTS; i++) {
		ticks = pmt_ticks();
		sink = ticks;
		if (what == CLOCK || what == BOTH)
			sink = pmt_clock_cpu(clock, ticks);
		if (what == RSS || what == BOTH)
			sink = pmt_sampler_rss(sampler, ticks, clock);
	}
	return (double)(pmt_now(CLOCK_MONOTONIC) - start) / EVENTS;
}

int
main(void)
{
	static const char *const names[] = {
		[TICKS] = "time stamp",
		[CLOCK] = "time stamp, CPU clock",
		[RSS] = "time stamp, RSS",
		[BOTH] = "time stamp, CPU clock, RSS",
	};
	struct pmt_sampler *sampler;
	struct pmt_clock clock;
	char line[256];

	if (pmt_sampler_open(PMT_RSS_AUTO, &sampler) < 0)
		return 1;
	pmt_clock_init(&clock);
	pmt_sampler_describe(sampler, line, sizeof(line));
	printf("# %s\n", line);
	for (enum what what = TICKS; what <= BOTH; what++) {
		double best = 1e9, took;

		for (int i = 0; i < REPEATS; i++) {
			took = run(what, &clock, sampler);
			if (took < best)
				best = took;
		}
		printf("%-28s %6.1f ns\n", names[what], best);
	}
	pmt_sampler_close(sampler);
	return 0;
}
