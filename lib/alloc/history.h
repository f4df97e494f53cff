/* SPDX-License-Identifier: MIT */
/* history.h - what did each stack hold while ever more was allocated? */
#ifndef PMT_ALLOC_HISTORY_H
#define PMT_ALLOC_HISTORY_H

#include <stdint.h>

#include "base/common.h"
#include "log/alloclog.h"

/*
 * Of a summary: at the ends of 17 to 32 equal steps on the axis of bytes that
 * were ever allocated.  Where steps do not reach any more, they are joined in
 * pairs.  All of this is under the lock of event.h.
 */
struct pmt_history {
	uint64_t next;		/* as many bytes end this step; 0: unset */
	unsigned int step, shift;
};

extern struct pmt_history pmt_history PMT_HIDDEN;

PMT_HIDDEN void pmt_history_clear(void);

/* NODE, below ROOM, holds so many BYTES, not 0, as this step ends. */
PMT_HIDDEN void pmt_history_note(uint32_t node, uint32_t room, uint64_t bytes);

/* All nodes were noted: the next step. */
PMT_HIDDEN void pmt_history_step(void);

/*
 * What NODE held at evenly spaced moments, the last of which is now, when it
 * holds BYTES.
 */
PMT_HIDDEN void pmt_history_moments(uint32_t node, uint64_t bytes,
				    uint64_t moments[PMT_ALLOC_MOMENTS]);

#endif
