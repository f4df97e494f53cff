/* SPDX-License-Identifier: MIT */
/* names.h - which number stands for this text? */
#ifndef PMT_HEAP_NAMES_H
#define PMT_HEAP_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "heap/room.h"

/*
 * Texts, numbered from 0 in the order of their first use, each kept once.
 * Besides, a number can be found by the address of what it was made from.  No
 * locks.  All zeroes is an empty table.
 */
struct pmt_names {
	struct pmt_room text;	/* char, each ends in NUL */
	struct pmt_room start;	/* size_t, where each begins */
	struct pmt_room slots;	/* by text: uint32_t, number + 1 */
	struct pmt_room known;	/* by address: struct pmt_known_name */
	size_t used;		/* bytes of text */
	uint32_t count;
	uint32_t known_count;
};

#define PMT_NO_NAME UINT32_MAX

/* The number of LENGTH bytes at TEXT; PMT_NO_NAME: no memory left for it. */
uint32_t pmt_names_add(struct pmt_names *names, const char *text,
		       size_t length);

/* The text of NUMBER, which is of NAMES; valid until the next one is added. */
const char *pmt_names_text(const struct pmt_names *names, uint32_t number);

/* What was remembered for ADDRESS, or PMT_NO_NAME. */
uint32_t pmt_names_known(const struct pmt_names *names, uint64_t address);

/* Remember NUMBER for ADDRESS, which is not 0, if there is memory for it. */
void pmt_names_remember(struct pmt_names *names, uint64_t address,
			uint32_t number);

void pmt_names_fini(struct pmt_names *names);

#endif
