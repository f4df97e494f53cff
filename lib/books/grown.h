/* SPDX-License-Identifier: MIT */
/* grown.h - of which objects does a log say that there are more at the end? */
#ifndef PMT_BOOKS_GROWN_H
#define PMT_BOOKS_GROWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* A log has at most 12; it may be anybody's. */
#define PMT_GROWN_KINDS 64

/* Of a kind a log has at most 4096. */
#define PMT_GROWN_BLOCKS (1 << 14)

/* Objects of one type that are held in one way. */
struct pmt_grown_kind {
	char *type, *by;	/* who holds most of them; never NULL */
	uint64_t live, before, held;
	int64_t bytes, bytes_before;	/* with their parts */
	uint64_t *block;	/* addresses of some of them, evenly spread */
	size_t blocks, block_room;
};

/*
 * What the heap at the end has more of than it had when the program began.
 * Zeroed memory is nothing.
 */
struct pmt_grown {
	bool known;
	bool passed;		/* the last kind made no sense, or no room */
	uint64_t live, before;	/* all objects */
	int64_t bytes;
	size_t count;		/* of kinds; what gained most comes first */
	struct pmt_grown_kind kind[PMT_GROWN_KINDS];
};

/*
 * A MSG row says TEXT.  True: it told of such objects, or of the blocks that
 * those of the last kind are, and what is well-formed was noted.
 */
bool pmt_grown_note(struct pmt_grown *grown, struct pmt_text text);

void pmt_grown_fini(struct pmt_grown *grown);

#endif
