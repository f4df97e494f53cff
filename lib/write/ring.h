/* SPDX-License-Identifier: MIT */
/* ring.h - how does a log stay as long as it may be? */
#ifndef PMT_RING_H
#define PMT_RING_H

#include <stdbool.h>

#include "write/bytesink.h"

/* Is the log as long as its limit, or half of a ring as long as its half? */
bool pmt_ring_is_long(const struct pmt_bytesink *sink);

/*
 * Before rows are written: if this half of a ring is long, it becomes
 * LOG.older, and a new one begins.  What fails shows in the recorder's error,
 * and no more rows are taken then.
 */
void pmt_ring_turn(struct pmt_bytesink *sink);

/* The older half of a log PATH that was here before is no part of this one. */
void pmt_ring_remove_older(const char *path);

#endif
