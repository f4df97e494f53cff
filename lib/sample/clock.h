/* SPDX-License-Identifier: MIT */
/* clock.h - how much CPU time has this process used, asked a million times? */
#ifndef PMT_CLOCK_H
#define PMT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/common.h"
#include "base/now.h"

/*
 * Reading the CPU time of a process is a system call in which the kernel adds
 * up all threads: 0.2 us with one, 2 us with 256, 30 us with 2,500.  So it is
 * read now and then, as an anchor, and rebuilt in between from the time stamp
 * counter: after a gap longer than GAP_NS, where the process may have slept,
 * and every PERIOD_NS.  Between anchors the process counts as running on one
 * CPU.  Both times grow with what a reading takes, so that readings take one
 * SHARE-th of all time at most, however many threads there are.
 */
#define PMT_CLOCK_GAP_NS 20000
#define PMT_CLOCK_PERIOD_NS 200000
#define PMT_CLOCK_SHARE 50

struct pmt_clock {
	uint64_t previous;	/* ticks of the last call */
	uint64_t anchor;	/* ticks of the anchor */
	uint64_t cpu;		/* CPU ns at the anchor */
	uint64_t wall;		/* ns since the epoch at the anchor */
	uint64_t last;		/* what was told last: time never goes back */
	uint64_t scale;		/* ns a tick, 32 binary places */
	uint64_t gap;		/* ticks: PMT_CLOCK_GAP_NS or more */
	uint64_t period;	/* ticks: PMT_CLOCK_PERIOD_NS or more */
	uint64_t cost;		/* ticks that a reading takes, undisturbed */
	uint64_t anchors;	/* how many were taken */
};

/*
 * The machine's counter may be read here: the kernel itself keeps time by it.
 * Set by the first call of a function below, and constant then.
 */
extern bool pmt_ticks_counted;

/*
 * The cheapest time stamp there is, for differences within this process.  In
 * units of pmt_ticks_scale(): cycles of the counter, or else nanoseconds.
 */
static inline uint64_t
pmt_ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
	if (pmt_likely(pmt_ticks_counted))
		return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t count;

	if (pmt_likely(pmt_ticks_counted)) {
		__asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
		return count;
	}
#endif
	return pmt_now(CLOCK_MONOTONIC);
}

/*
 * Nanoseconds a tick, times 2^32.  Measured against CLOCK_MONOTONIC at the
 * first call in a process, which lasts until 0.1 ms after pmt_ticks_prepare().
 */
uint64_t pmt_ticks_scale(void);

/* Call it early, and pmt_ticks_scale() does not have to wait. */
void pmt_ticks_prepare(void);

/* NS nanoseconds as ticks. */
uint64_t pmt_ticks_from_ns(uint64_t ns);

/* A clock of the calling process.  After fork(2) the child makes its own. */
void pmt_clock_init(struct pmt_clock *clock);

/* For the inline functions below: read the real clocks, as of TICKS. */
void pmt_clock_anchor(struct pmt_clock *clock, uint64_t ticks);

/*
 * CPU nanoseconds that all threads of this process have used at TICKS, which
 * pmt_ticks() gave since the last call.  Never less than the call before told.
 * The caller keeps two threads from asking one clock at once.
 */
static inline uint64_t
pmt_clock_cpu(struct pmt_clock *clock, uint64_t ticks)
{
	uint64_t now;

	if (pmt_unlikely(ticks - clock->previous > clock->gap ||
			 ticks - clock->anchor > clock->period))
		pmt_clock_anchor(clock, ticks);
	clock->previous = ticks;
	now = clock->cpu + (((ticks - clock->anchor) * clock->scale) >> 32);
	if (now > clock->last)
		clock->last = now;
	return clock->last;
}

/* Nanoseconds since the epoch at TICKS, the ticks last given to cpu(). */
static inline uint64_t
pmt_clock_wall(const struct pmt_clock *clock, uint64_t ticks)
{
	return clock->wall +
	       (((ticks - clock->anchor) * clock->scale) >> 32);
}

#endif
