/* SPDX-License-Identifier: MIT */
/* compactrows.h - the usual rows of a compact log, many at a time. */
#ifndef PMT_COMPACTROWS_H
#define PMT_COMPACTROWS_H

#include <stddef.h>

#include "log/event.h"
#include "read/compactrow.h"

/* So many bytes behind the end of a block can be loaded. */
#define PMT_COMPACT_SPARE 16

/*
 * Read up to ROOM of the rows that come now, as pmt_compactrows_next() would,
 * which is for the first that is anything but five short numbers.  Returns how
 * many.
 */
size_t pmt_compactrows_read(struct pmt_compactrows *rows,
			    struct pmt_event *events, size_t room)
	PMT_MUST_CHECK;

#endif
