/* SPDX-License-Identifier: MIT */
/* callstack.h - which functions has a thread called, as its profile tells? */
#ifndef PMT_CALLSTACK_H
#define PMT_CALLSTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/codebook.h"
#include "log/event.h"
#include "log/sites.h"

struct pmt_frame {
	uint32_t node;
	uint32_t file, line;	/* where it is now; of its caller, if in C */
};

/* One thread's calls, outermost first.  Zeroed memory is none. */
struct pmt_callstack {
	int64_t thread;
	struct pmt_frame *frames;
	size_t depth, room;
};

/* Those of all threads.  Zeroed memory is none. */
struct pmt_callstacks {
	struct pmt_callstack *stacks;
	size_t count, room, current;
};

/* That of the thread of EVENT, until the next call; NULL: out of memory. */
struct pmt_callstack *pmt_callstacks_find(struct pmt_callstacks *all,
					  const struct pmt_event *event)
	PMT_MUST_CHECK;

void pmt_callstacks_fini(struct pmt_callstacks *all);

/* The node of the function that runs. */
uint32_t pmt_callstack_node(const struct pmt_callstack *stack);

/*
 * Make the stack what it must have been just before the event, which happened
 * at SITE; with a GAP, rows before it were left out.  New nodes go to BOOK.
 * Returns 0 or -ENOMEM.
 */
int pmt_callstack_settle(struct pmt_codebook *book,
			 struct pmt_callstack *stack,
			 const struct pmt_event *event,
			 const struct pmt_site *site, bool gap) PMT_MUST_CHECK;

/* Let it happen: enter, leave, or go to the next line.  0 or -ENOMEM. */
int pmt_callstack_happen(struct pmt_codebook *book,
			 struct pmt_callstack *stack,
			 const struct pmt_event *event,
			 const struct pmt_site *site) PMT_MUST_CHECK;

#endif
