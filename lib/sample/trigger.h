/* SPDX-License-Identifier: MIT */
/* trigger.h - which events of a profile or trace are worth a row? */
#ifndef PMT_TRIGGER_H
#define PMT_TRIGGER_H

#include <stdint.h>

#include "base/common.h"

/*
 * Events are numbered from 0, the FRST row.  A later event gets a NEXT row if
 * RSS has moved by a step or more, up or down, since the last NEXT (or FRST)
 * row: growth by small steps adds up until a row is due.  Where events were
 * left out before it, a PREV row tells the one just before.  dEvent and dRSS
 * of every row count from the last NEXT (or FRST) row.
 */
struct pmt_trigger {
	uint64_t step;		/* bytes; 0: every event gets a row */
	uint64_t event;		/* number of the latest event */
	uint64_t row_event;	/* number of the last NEXT or FRST */
	uint64_t row_rss;	/* bytes, in that row */
};

enum pmt_trigger_rows {
	PMT_ROWS_NONE,
	PMT_ROWS_NEXT,
	PMT_ROWS_PREV_NEXT,
};

/*
 * D_RSS_TRIGGER is what users give: bytes, 0 for every event, and below 0 for
 * one page of PAGE bytes.  The FRST row has RSS bytes.
 */
static inline void
pmt_trigger_init(struct pmt_trigger *trigger, int64_t d_rss_trigger,
		 uint64_t page, uint64_t rss)
{
	trigger->step = d_rss_trigger < 0 ? page : (uint64_t)d_rss_trigger;
	trigger->event = 0;
	trigger->row_event = 0;
	trigger->row_rss = rss;
}

/* Count an event that finds RSS bytes resident; which rows are due? */
static inline enum pmt_trigger_rows
pmt_trigger_event(struct pmt_trigger *trigger, uint64_t rss)
{
	uint64_t moved = rss > trigger->row_rss ? rss - trigger->row_rss
						: trigger->row_rss - rss;

	trigger->event++;
	if (pmt_likely(moved < trigger->step))
		return PMT_ROWS_NONE;
	return trigger->event - trigger->row_event > 1 ? PMT_ROWS_PREV_NEXT
						       : PMT_ROWS_NEXT;
}

/* The NEXT row of the latest event, which finds RSS bytes, was written. */
static inline void
pmt_trigger_next(struct pmt_trigger *trigger, uint64_t rss)
{
	trigger->row_event = trigger->event;
	trigger->row_rss = rss;
}

#endif
