/* SPDX-License-Identifier: MIT */
/* row.h - what does a tracer tell of one event? */
#ifndef PMT_ROW_H
#define PMT_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "log/column.h"
#include "log/ownplace.h"
#include "log/what.h"

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
	PMT_WITH_OWN = 8,
	PMT_WITH_STACK = 16,	/* with OWN only */
	/* Of the usual ones, what another's log may lack when it is printed. */
	PMT_WITHOUT_LIVE = 32,
	PMT_WITHOUT_RSS = 64,
	PMT_WITHOUT_D_RSS = 128,
	PMT_WITHOUT_EVENT = 256,
	PMT_WITHOUT_D_EVENT = 512,
};

/* Where an event happened. */
struct pmt_place {
	const struct pmt_column *file;
	const struct pmt_column *function;
	int line;
};

/* One of those that called, and where it was then. */
struct pmt_caller {
	const struct pmt_column *file;
	const struct pmt_column *function;
	int line;
	unsigned int kind;	/* PMT_OWN_HERE: own code, _IMPORT, or _NONE */
	/* What a recorder keeps: the number that it has in which block. */
	uint32_t number;
	uint64_t block;
};

/*
 * The callers of a place, outermost first.  While their list is the same up to
 * one of them, what a recorder keeps there holds, unless it is cut.
 */
struct pmt_callers {
	struct pmt_caller *list;
	size_t count;
	bool cut;		/* there are more, further out */
};

/* A row of a reference log.  Names are borrowed for the time of a call. */
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
	struct pmt_own own;
	const struct pmt_callers *callers;	/* NULL: not known */
};

/* A row of a profile or trace.  Names belong to the tracer. */
struct pmt_profile_event {
	uint64_t event;			/* its number */
	uint64_t d_event;		/* since the last NEXT or FRST */
	uint64_t clock;			/* CPU microseconds */
	enum pmt_what what;
	const struct pmt_column *file;
	int line;
	const struct pmt_column *function;
	const char *callee;		/* of a C_ event, instead of function */
	uint64_t rss;			/* bytes */
	int64_t d_rss;			/* since the last NEXT or FRST */
	int64_t thread;			/* kernel thread id */
	struct pmt_own own;
	/* Of the function, so of a C_ event with who runs at the line. */
	const struct pmt_callers *callers;	/* NULL: not known */
};

/* A row of text: MSG, or ERR if something is wrong with the log. */
struct pmt_note {
	bool error;
	bool bare;			/* in text only the text, no row */
	uint64_t clock;			/* CPU microseconds */
	uint64_t event, d_event;	/* of profiles and traces, as above */
	const char *text;		/* UTF-8, borrowed */
	size_t size;			/* bytes */
};

#endif
