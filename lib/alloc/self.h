/* SPDX-License-Identifier: MIT */
/* self.h - what does the library keep of each thread? */
#ifndef PMT_SELF_H
#define PMT_SELF_H

#include <stdbool.h>
#include <stdint.h>

#include "alloc/native.h"
#include "alloc/stack.h"
#include "base/common.h"

/* What a thread of the process keeps. */
struct pmt_self {
	bool busy;		/* in our code: what it allocates is ours */
	bool in_object;		/* busy, but below an allocator of objects */
	bool locked;
	uint32_t number;	/* in the log; 0: it was not met yet */
	int64_t left;		/* bytes until one is noted; below 0: now */
	uint64_t random;
	uint64_t freed[2];	/* of pmt_blocks: the last that was freed */
	uint64_t last;		/* address of the last block */
	struct pmt_stack stack;
	struct pmt_native native;
};

extern __thread struct pmt_self pmt_self PMT_HIDDEN
	__attribute__((tls_model("initial-exec")));

/* The first two write records. */
enum pmt_event_mode {
	PMT_EVENT_LOG,		/* a record for each */
	PMT_EVENT_SAMPLE,	/* for some, chosen by bytes */
	PMT_EVENT_SUMMARY,	/* sums in memory */
	PMT_EVENT_PROBES,	/* nothing is noted: probes alone tell */
};

extern enum pmt_event_mode pmt_event_mode PMT_HIDDEN;

#endif
