/* SPDX-License-Identifier: MIT */
/* allocrecords.h - what does one record of a log of allocations say? */
#ifndef PMT_ALLOCRECORDS_H
#define PMT_ALLOCRECORDS_H

#include "base/common.h"
#include "log/allocevent.h"
#include "read/allocnames.h"

/* What the records so far have told; zeroed but for names.sites. */
struct pmt_allocrecords {
	struct pmt_allocnames names;
	struct pmt_alloc_codec codec;
	bool begun;			/* the program has */
	uint64_t moments[PMT_ALLOC_MOMENTS];	/* of the last event */
};

/*
 * The record at CURSOR, which is not at its end.  Returns 1 for an event, 0
 * for a name, -EBADMSG, it is none or ends too early, or -ENOMEM.
 */
int pmt_allocrecords_read(struct pmt_allocrecords *records,
			  struct pmt_cursor *cursor,
			  struct pmt_alloc_event *event) PMT_MUST_CHECK;

#endif
