/* SPDX-License-Identifier: MIT */
/* compactrow.h - the records within a block of a compact log. */
#ifndef PMT_COMPACTROW_H
#define PMT_COMPACTROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "log/event.h"
#include "read/compactname.h"

/* What the differences in a row are differences to. */
struct pmt_compact_numbers {
	uint64_t line;		/* of the text that the log stands for */
	int64_t clock, wall;	/* us */
	uint64_t address;
	int64_t rss, thread;
	int64_t number;		/* of the event */
	int64_t row_number, row_rss;	/* of the last FRST or NEXT */
};

/*
 * Reads the payload from P to END.  Set kind, has and names.sites once, P and
 * END for each block.
 */
struct pmt_compactrows {
	char kind;		/* 'O', 'P' or 'T' */
	unsigned int has;	/* of each row, for struct pmt_event */
	const uint8_t *p, *end;
	bool ended;		/* by an END record */
	char *text;		/* of the last message */
	struct pmt_compact_numbers last;
	struct pmt_compactnames names;
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
