/* SPDX-License-Identifier: MIT */
/* compactrow.h - the records within a block of a compact log. */
#ifndef PMT_COMPACTROW_H
#define PMT_COMPACTROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common.h"
#include "logread.h"
#include "sites.h"

enum { PMT_COMPACT_CACHE = 4096 };	/* a power of two */

struct pmt_compact_type {
	struct pmt_text name;	/* escaped */
	int64_t live;
	uint64_t size;
};

struct pmt_compact_place {
	struct pmt_text file, function;
	int64_t line;
};

/* Which site is (type, place, line)?  Saves looking the names up. */
struct pmt_compact_cached {
	uint32_t block, type, place;
	int64_t line;
	uint32_t site;
};

/*
 * Reads the payload from P to END.  Set kind, has and sites once, P and END
 * for each block.  Its names point into the payload.
 */
struct pmt_compactrows {
	char kind;		/* 'O', 'P' or 'T' */
	unsigned int has;	/* of each row, for struct pmt_event */
	struct pmt_sites *sites;
	const uint8_t *p, *end;
	bool ended;		/* by an END record */
	char *text;		/* of the last message */

	uint32_t block;		/* counts blocks, for the cache */
	struct pmt_compact_type *type;
	size_t types, types_room;
	struct pmt_compact_place *place;
	size_t places, places_room;
	int64_t clock, rss, wall, thread, number, row_number, row_rss;
	uint64_t address;
	struct pmt_compact_cached cache[PMT_COMPACT_CACHE];
};

/* Begin a block: forget names and numbers of the one before. */
void pmt_compactrows_begin(struct pmt_compactrows *rows, const uint8_t *p,
			   const uint8_t *end);

/*
 * The next row.  Returns 1, 0 after a record that is no row, or -EBADMSG,
 * which memory that is short gives too.  P must be before END.
 */
int pmt_compactrows_next(struct pmt_compactrows *rows,
			 struct pmt_event *event) PMT_MUST_CHECK;

void pmt_compactrows_fini(struct pmt_compactrows *rows);

#endif
