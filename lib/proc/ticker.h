/* SPDX-License-Identifier: MIT */
/* ticker.h - when is the next sample due? */
#ifndef PMT_TICKER_H
#define PMT_TICKER_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"

/*
 * Ticks at fixed distances from the moment it was opened, however long the
 * work between them takes: the times do not drift.  Signals are delivered
 * only while one waits, so that no signal is missed and none cuts work short.
 */
struct pmt_ticker {
	int timer;
	sigset_t outside;	/* the signal mask from before, for children */
};

/* Tick every INTERVAL ns, the first time after one.  Returns 0 or -errno. */
int pmt_ticker_open(uint64_t interval, struct pmt_ticker *ticker)
	PMT_MUST_CHECK;

/*
 * Wait for the next tick, a signal, or one of the COUNT <= 4 descriptors MORE.
 * Returns how many ticks have gone by, more than 1 if the work took too long,
 * 0 if it was something else, or -errno.
 */
int64_t pmt_ticker_wait(const struct pmt_ticker *ticker, struct pollfd *more,
			size_t count) PMT_MUST_CHECK;

/* Stop, and put the signal mask back. */
void pmt_ticker_close(struct pmt_ticker *ticker);

#endif
