/* SPDX-License-Identifier: MIT */
/* referencelog.h - the log of objects created and destroyed, as text. */
#ifndef PMT_REFERENCELOG_H
#define PMT_REFERENCELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "log/column.h"
#include "base/common.h"
#include "write/bytesink.h"

/* Widths of the name columns: pmt-log(5). */
enum {
	PMT_TYPE_WIDTH = 32,
	PMT_FILE_WIDTH = 80,
	PMT_FUNCTION_WIDTH = 40,
};

/* Columns a log may have beyond the usual ones; a set of bits. */
enum pmt_reference_columns {
	PMT_WITH_THREAD = 1,
	PMT_WITH_WALL = 2,
	PMT_WITH_SIZE = 4,
};

/* Where an event happened. */
struct pmt_place {
	const struct pmt_column *file;
	const struct pmt_column *function;
	int line;
};

/* One row.  Names are borrowed for the time of the call. */
struct pmt_reference_event {
	bool created;			/* NEW, else DEL */
	uint64_t clock;			/* CPU microseconds */
	uintptr_t address;
	int64_t live;			/* of this type, after this event */
	const struct pmt_column *type;
	struct pmt_place place;
	uint64_t rss;			/* bytes */
	int64_t d_rss;			/* bytes, since the row before */
	int64_t thread;			/* kernel thread id */
	uint64_t wall;			/* microseconds since the epoch */
	uint64_t size;			/* bytes */
};

/*
 * Begin a log: the opening MESSAGE (UTF-8, or NULL), SOF and the header.  A
 * line of the message that reads SOF is written as "\123OF".
 */
void pmt_referencelog_begin(struct pmt_logwrite *log, const char *message,
			    unsigned int columns);

/* Add the row of one event. */
void pmt_referencelog_event(struct pmt_logwrite *log, unsigned int columns,
			    const struct pmt_reference_event *event);

/*
 * Add a row "TAG: clock # text"; TAG is MSG or ERR, the clock in CPU
 * microseconds, the text SIZE bytes of UTF-8.
 */
void pmt_referencelog_note(struct pmt_logwrite *log, const char *tag,
			   uint64_t clock, const char *text, size_t size);

#endif
