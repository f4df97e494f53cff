/* SPDX-License-Identifier: MIT */
/* compactlog.h - rows of a log in a twentieth of the bytes. */
#ifndef PMT_COMPACTLOG_H
#define PMT_COMPACTLOG_H

#include "base/common.h"
#include "write/bytesink.h"
#include "write/profilelog.h"
#include "write/referencelog.h"

/*
 * The encoding of compact.h, for logs that pmt_logwrite_open() was asked to
 * make compact.  Callers use referencelog.h and profilelog.h, which come here;
 * the arguments are theirs.  A block is what fits the log's buffer.
 */
struct pmt_compact;

/* The state of an encoder, or NULL when out of memory. */
struct pmt_compact *pmt_compact_new(void);
void pmt_compact_free(struct pmt_compact *compact);

/* KIND is 'O', 'P' or 'T'. */
void pmt_compact_begin(struct pmt_logwrite *log, char kind,
		       unsigned int columns, const char *message);

void pmt_compact_reference(struct pmt_logwrite *log, unsigned int columns,
			   const struct pmt_reference_event *event);

void pmt_compact_profile(struct pmt_logwrite *log, const char *tag,
			 const struct pmt_profile_event *event);

/* NUMBERS is of a profile's message, NULL otherwise; clock in microseconds. */
void pmt_compact_note(struct pmt_logwrite *log, const char *tag,
		      const struct pmt_profile_event *numbers, uint64_t clock,
		      const char *text, size_t size);

void pmt_compact_end(struct pmt_logwrite *log);

/*
 * For logwrite.c: complete the block in the buffer before it is written, and
 * begin the next one after.  Returns the rows in the block.
 */
uint32_t pmt_compact_finish_block(struct pmt_logwrite *log);
void pmt_compact_start_block(struct pmt_logwrite *log);

#endif
