/* SPDX-License-Identifier: MIT */
/* sampler.h - the RSS of this process at every event, read only when due. */
#ifndef PMT_SAMPLER_H
#define PMT_SAMPLER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/common.h"
#include "sample/clock.h"
#include "sample/faultring.h"

/*
 * Whatever changes RSS enters the kernel and stays there for a while, and the
 * shortest such stay can be measured: it is a page fault that finds its page
 * at hand.  Two events of one thread that are closer together enclose no
 * change, so RSS need not be read.  It is read after a longer gap, when
 * another thread ran last, and after a millisecond, since threads that send
 * no events change RSS too.
 *
 * That is exact.  Where page faults are so short that it would read RSS at
 * most events, or where speed is worth some errors, a ring of page faults
 * (faultring.h) tells of growth, and only a much longer gap makes a read: what
 * small calls give back to the kernel is then seen late.
 *
 * Where only some events are looked at, each would be a gap, and the reads most
 * of what they cost; none of them tells what changed RSS.  For them it is read
 * seldom; their THREAD below is NULL.
 */
enum pmt_rss_mode {
	PMT_RSS_AUTO,		/* the best tier that works here */
	PMT_RSS_GAP,		/* read when due by the rule above */
	PMT_RSS_RING,		/* read after a page fault or a long gap */
	PMT_RSS_EVERY,		/* read at every event */
	PMT_RSS_SELDOM,		/* read once a period, whatever happens */
};

#define PMT_SAMPLER_PERIOD_NS 1000000

/* The gap of the ring tier: big blocks are given back more slowly. */
#define PMT_SAMPLER_RING_GAP_NS 20000

struct pmt_sampler {
	uint64_t previous;	/* ticks of the last event, or of its read */
	uint64_t gap;		/* ticks; closer events enclose no change */
	uint64_t last_read;	/* ticks */
	uint64_t period;	/* PMT_SAMPLER_PERIOD_NS in ticks */
	const void *thread;	/* whose event was the last */
	uint64_t rss;		/* bytes, as last read */
	uint64_t page;		/* bytes in a page */
	_Atomic uint64_t reads;	/* of statm; see pmt_sampler_reads() */
	uint64_t errors;	/* reads that failed: rss stayed as it was */
	bool sparse;		/* the last two events: half a gap or more */
	bool ring;		/* the thread's page faults are watched */
	uint64_t faults;	/* its page faults at the last read */
	void *end_of_heap;	/* sbrk(0) at the last read */
	int fd;			/* /proc/self/statm, or below 0 */
	pid_t pid;		/* whose statm that is */
	enum pmt_rss_mode mode;	/* the tier in use, never AUTO */
};

/* What a user may ask for: "auto", "gap", "ring", "every"; else -EINVAL. */
int pmt_rss_mode_parse(const char *name, enum pmt_rss_mode *mode)
	PMT_MUST_CHECK;

/* The name of MODE, for messages. */
const char *pmt_rss_mode_name(enum pmt_rss_mode mode);

/*
 * Start sampling the calling process.  The first call in a process measures
 * its page faults, which takes 0.1 ms and leaves RSS as it was.
 * On success *out is the caller's to close.  Returns 0 or -errno: what open(2)
 * of statm says; what perf_event_open(2) says, or -ENOTSUP, where the ring was
 * asked for and there is none.
 */
int pmt_sampler_open(enum pmt_rss_mode mode, struct pmt_sampler **out)
	PMT_MUST_CHECK;

/*
 * To be called in the child of fork(2), before its first event: the inherited
 * descriptor goes on showing the parent.  If that fails, every read that is
 * due tries again, counts an error and leaves RSS as it stood.
 */
void pmt_sampler_reopen_after_fork(struct pmt_sampler *sampler);

/* Stop sampling.  NULL is allowed. */
void pmt_sampler_close(struct pmt_sampler *sampler);

/*
 * One line of text without a newline, for the log: kernel, tier, the gap, and
 * whether statm moved with each single page when it was tried.
 */
void pmt_sampler_describe(const struct pmt_sampler *sampler, char *line,
			  size_t size);

/* For the inline function below: read statm now. */
void pmt_sampler_read(struct pmt_sampler *sampler, uint64_t ticks,
		      const void *thread);

/* How often statm was read so far.  Any thread may ask. */
static inline uint64_t
pmt_sampler_reads(const struct pmt_sampler *sampler)
{
	return atomic_load_explicit(&sampler->reads, memory_order_relaxed);
}

static inline bool
pmt_sampler_ring_moved(const struct pmt_sampler *sampler)
{
	return pmt_faultring_read() != sampler->faults ||
	       sbrk(0) != sampler->end_of_heap;
}

/*
 * Bytes resident at an event of THREAD, any address that names it, whose time
 * stamp is TICKS.  Allocates nothing and never fails: a read that cannot be
 * done leaves the value as it stood and counts in errors.  The caller takes
 * TICKS when the event begins, and keeps two threads from calling at once.
 */
static inline uint64_t
pmt_sampler_rss(struct pmt_sampler *sampler, uint64_t ticks,
		const void *thread)
{
	uint64_t gap = ticks - sampler->previous;

	sampler->sparse = gap * 2 >= sampler->gap;
	if (pmt_unlikely(gap >= sampler->gap ||
			 ticks - sampler->last_read > sampler->period ||
			 thread != sampler->thread ||
			 (sampler->ring && pmt_sampler_ring_moved(sampler))))
		pmt_sampler_read(sampler, ticks, thread);
	else
		sampler->previous = ticks;
	return sampler->rss;
}

/*
 * What passed since the event was the caller's own work, which left RSS as it
 * was, and is no gap of the program.  Worth a call after some dozen
 * nanoseconds of work.  Among dense events it saves the time stamp: to count
 * the work in leaves the gap short, or else costs one read too many.
 */
static inline void
pmt_sampler_resume(struct pmt_sampler *sampler)
{
	if (sampler->sparse)
		sampler->previous = pmt_ticks();
}

#endif
