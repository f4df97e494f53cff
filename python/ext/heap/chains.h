/* SPDX-License-Identifier: MIT */
/* chains.h - which objects hold each other, for the books to look up? */
#ifndef PMT_HEAP_CHAINS_H
#define PMT_HEAP_CHAINS_H

#include "heap/group.h"

/* Bytes of one chain, as text. */
enum { HEAP_CHAIN = 8 * 18 + 2 };

/*
 * To TEXT, with room for CHAINS of HEAP_CHAIN bytes: of so many of the nodes
 * FIRST to END - 1 that HOLDING is of, evenly spread, what pmt-log(5) has
 * behind "held so:".  Returns its length.
 */
size_t heap_chains_put(char *text, uint32_t chains,
		       const struct heap_group *group, uint32_t first,
		       uint32_t end, const struct pmt_holding *holding);

#endif
