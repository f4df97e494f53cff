/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "sample/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CLOCKSOURCE \
	"/sys/devices/system/clocksource/clocksource0/current_clocksource"

#if defined(__x86_64__) || defined(__i386__)
#define COUNTER "tsc\n"
#elif defined(__aarch64__)
#define COUNTER "arch_sys_counter\n"
#endif

#define LONG_NS UINT64_C(10000000000)

bool pmt_ticks_counted;

static pthread_once_t begun = PTHREAD_ONCE_INIT, once = PTHREAD_ONCE_INIT;
static uint64_t ticks0, ns0;	/* when it was begun */
static uint64_t scale;

#ifdef COUNTER
/*
 * The kernel drops a counter that stops, drifts or differs between CPUs from
 * its clock sources.  prctl(2): a process may be forbidden to read it.
 */
static bool
counter_is_good(void)
{
	char name[32];
	ssize_t n;
	int fd;
#ifdef PR_GET_TSC
	int mode = PR_TSC_ENABLE;

	if (prctl(PR_GET_TSC, &mode) == 0 && mode != PR_TSC_ENABLE)
		return false;
#endif
	fd = open(CLOCKSOURCE, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, name, sizeof(name));
	close(fd);
	return n == sizeof(COUNTER) - 1 &&
	       memcmp(name, COUNTER, (size_t)n) == 0;
}
#else
static bool
counter_is_good(void)
{
	return false;
}
#endif

/* The two clocks at one moment: the tightest of a few tries. */
static void
read_pair(uint64_t *ticks, uint64_t *ns)
{
	uint64_t before, after, now, best = UINT64_MAX;

	for (int i = 0; i < 8; i++) {
		before = pmt_ticks();
		now = pmt_now(CLOCK_MONOTONIC);
		after = pmt_ticks();
		if (after - before < best) {
			best = after - before;
			*ticks = before + best / 2;
			*ns = now;
		}
	}
}

static void
begin_scale(void)
{
	pmt_ticks_counted = counter_is_good();
	if (pmt_ticks_counted)
		read_pair(&ticks0, &ns0);
}

void
pmt_ticks_prepare(void)
{
	pthread_once(&begun, begin_scale);
}

static void
measure_scale(void)
{
	uint64_t ticks1, ns1;

	scale = UINT64_C(1) << 32;
	pmt_ticks_prepare();
	if (!pmt_ticks_counted)
		return;
	/* So long ago that the machine may have been asleep. */
	if (pmt_now(CLOCK_MONOTONIC) - ns0 > LONG_NS)
		read_pair(&ticks0, &ns0);
	while (pmt_now(CLOCK_MONOTONIC) - ns0 < 100000)
		;
	read_pair(&ticks1, &ns1);
	scale = (uint64_t)((double)(ns1 - ns0) / (double)(ticks1 - ticks0) *
			   4294967296.0);
}

uint64_t
pmt_ticks_scale(void)
{
	pthread_once(&once, measure_scale);
	return scale;
}

uint64_t
pmt_ticks_from_ns(uint64_t ns)
{
	return (uint64_t)((double)ns * 4294967296.0 /
			  (double)pmt_ticks_scale());
}

static uint64_t
at_least(uint64_t ns, uint64_t ticks)
{
	uint64_t least = pmt_ticks_from_ns(ns);

	return ticks > least ? ticks : least;
}

/*
 * A reading took COST.  One that was preempted, or found its caches cold, tells
 * little; more threads make them all slower.
 */
static void
set_pace(struct pmt_clock *clock, uint64_t cost)
{
	uint64_t slower = clock->cost + clock->cost / 8 + 1;

	clock->cost = cost < slower ? cost : slower;
	cost = PMT_CLOCK_SHARE * clock->cost;
	clock->gap = at_least(PMT_CLOCK_GAP_NS, cost);
	clock->period = at_least(PMT_CLOCK_PERIOD_NS, cost);
}

void
pmt_clock_anchor(struct pmt_clock *clock, uint64_t ticks)
{
	uint64_t before = pmt_ticks();
	uint64_t cpu = pmt_now(CLOCK_PROCESS_CPUTIME_ID);
	uint64_t after = pmt_ticks();
	uint64_t wall = pmt_now(CLOCK_REALTIME);
	uint64_t late = ((pmt_ticks() - ticks) * clock->scale) >> 32;

	/* A caller that was preempted since TICKS did not run meanwhile. */
	if (late > PMT_CLOCK_GAP_NS || late > cpu)
		late = 0;
	clock->anchor = ticks;
	clock->cpu = cpu - late;
	clock->wall = wall - late;
	clock->anchors++;
	set_pace(clock, after - before);
}

void
pmt_clock_init(struct pmt_clock *clock)
{
	memset(clock, 0, sizeof(*clock));
	clock->scale = pmt_ticks_scale();
	clock->cost = pmt_ticks_from_ns(PMT_CLOCK_GAP_NS / PMT_CLOCK_SHARE);
	clock->previous = pmt_ticks();
	pmt_clock_anchor(clock, clock->previous);
}
