/* SPDX-License-Identifier: MIT */
/* holders.h - what keeps the objects of a group alive? */
#ifndef PMT_HEAP_HOLDERS_H
#define PMT_HEAP_HOLDERS_H

#include "heap/lengths.h"

enum pmt_held_how {
	PMT_HELD,		/* by what the path begins at */
	PMT_HELD_BY_FRAME,	/* by local variables of what runs, only */
	PMT_HELD_BY_C,		/* more references than any object has */
	PMT_LEAKED,		/* and no memory holds their addresses */
	PMT_GARBAGE,		/* by each other, for the collector to free */
};

/* Objects of a group that are held the same way. */
struct pmt_holding {
	enum pmt_held_how verdict;
	uint32_t count;
	uint32_t way;		/* paths.h; 0: none, garbage */
	uint32_t example;	/* one of the objects */
	uint32_t length;	/* of the list, dict ... that grows with
				   them, or 0 */
	uint32_t container;	/* which one; PMT_NO_NODE: none */
	bool among;		/* there are others on the path */
	int32_t spare;		/* references that no object has, of EXAMPLE */
};

/*
 * How the COUNT nodes at NODE are held: at most *ROOM ways to OUT, those of
 * most objects first; *ROOM is then how many.  LOST tells of each node whether
 * references to it are lost (memscan.h); NULL: not known.  When half of those
 * that C code holds lost some, and they are 8 or more, they count as leaked;
 * when fewer did, none does: old words in free memory hide some, and a register
 * may hold one.  Returns 0 or -ENOMEM.
 */
int pmt_holders_find(const struct pmt_paths *paths, const uint32_t *node,
		     uint32_t count, const uint8_t *lost,
		     struct pmt_holding *out, uint32_t *room) PMT_MUST_CHECK;

/* Does C code, and nothing else that was seen, hold NODE itself? */
bool pmt_holders_by_c(const struct pmt_paths *paths, uint32_t node);

/* What a report writes: "__main__.book[*]", "garbage ...". */
size_t pmt_holding_text(const struct pmt_paths *paths,
			const struct pmt_holding *holding, char *text,
			size_t size);

/*
 * What goes behind that: " (of 1500)", or if BEFORE knows a smaller length of
 * that container, "; its list grew from 0 to 1500"; nothing where there is no
 * container, or one of a single item.
 */
size_t pmt_holding_length(const struct pmt_paths *paths,
			  const struct pmt_holding *holding,
			  const struct pmt_lengths *before, char *text,
			  size_t size);

#endif
