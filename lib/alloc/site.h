/* SPDX-License-Identifier: MIT */
/* site.h - tell bpftrace and dtrace of each block, and of its Python line. */
#ifndef PMT_ALLOC_SITE_H
#define PMT_ALLOC_SITE_H

#include <stddef.h>

#include "base/probe.h"

/*
 * Probes of the provider pmt, see pmt-dtrace(7).  The semaphores are exported
 * for the extension, which waits until somebody listens.
 */
#define PMT_SITE_EXPORTED __attribute__((visibility("protected")))
PMT_PROBE_DECLARE(malloc__site, PMT_SITE_EXPORTED);
PMT_PROBE_DECLARE(free__site, PMT_SITE_EXPORTED);

/* Fire them, for those who hold pmt_event_enter(). */
PMT_HIDDEN void pmt_site_block(const void *address, size_t size);
PMT_HIDDEN void pmt_site_free(const void *address);

#endif
