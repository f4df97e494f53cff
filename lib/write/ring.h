/* SPDX-License-Identifier: MIT */
/* ring.h - how does a log stay as long as it may be? */
#ifndef PMT_RING_H
#define PMT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "log/logfd.h"

/* The length of a log, and what happens when it is reached. */
struct pmt_ring {
	uint64_t limit;		/* bytes; 0: none */
	uint64_t buffer;	/* bytes that are written in one go */
	bool turns;		/* at half of the limit, begin anew */
	unsigned int mode;	/* of the new half, see logfd.h */
	char *beginning;	/* what each half begins with */
	size_t beginning_size;
};

/* Is a log of LENGTH as long as its limit, or a half as long as its half? */
bool pmt_ring_is_long(const struct pmt_ring *ring, uint64_t length);

/*
 * FILE, the log PATH, becomes LOG.older, and a new half takes its place.
 * Returns 0 or -errno; if there is a new half after all, *LENGTH is its own.
 */
int pmt_ring_turn(const struct pmt_ring *ring, struct pmt_logfd *file,
		  const char *path, _Atomic uint64_t *length) PMT_MUST_CHECK;

/*
 * The older half of a log PATH that was here before is no part of this one: it
 * goes with it.  Returns 0 or -errno: -EEXIST, something else has its name,
 * and RING would need that.
 */
int pmt_ring_remove_older(const struct pmt_ring *ring, const char *path)
	PMT_MUST_CHECK;

#endif
