/* SPDX-License-Identifier: MIT */
/* logstate.h - what do the parts that read a log know of it? */
#ifndef PMT_LOGSTATE_H
#define PMT_LOGSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/common.h"
#include "base/text.h"
#include "log/event.h"
#include "log/sites.h"
#include "read/allocread.h"
#include "read/compactread.h"
#include "read/input.h"
#include "read/namecache.h"
#include "read/textheader.h"

/*
 * Private to logread.c, which opens a log of any form, and to those that read
 * text: textread.c its rows, logmessage.c what runs over several lines,
 * logline.c the lines.
 */
/* A log begins with a message; what goes on longer than this is no message. */
#define PMT_INTRODUCTION_MAX (16u << 20)

enum state {
	BEFORE_ROWS,	/* in the opening message */
	IN_ROWS,
	AFTER_END,	/* EOF was read; or was it a line of a message? */
	DONE,
};

struct pmt_log {
	struct pmt_compactread *compact;	/* NULL: text */
	struct pmt_allocread *allocations;	/* NULL: of another kind */
	struct pmt_input input;
	struct pmt_sites *sites;
	struct pmt_header header;
	enum state state;
	bool ended;		/* by EOF */
	bool halves;		/* the input has an older and a newer half */
	bool after_sof;		/* the line before was SOF */
	bool upstream;		/* the header has the tag of pymemtrace */
	bool first;		/* no row with a difference yet */
	uint64_t line;		/* of what was taken last */
	uint64_t lines_after_end;
	char *introduction;
	size_t introduction_length, introduction_total;
	char *message;
	size_t message_length;
	char problem[256];
	struct pmt_event pending;	/* found while opening */
	bool has_pending;
	struct pmt_namecache names;
};

struct pmt_logline {
	struct pmt_text text;
	bool cut;		/* the file ends before its newline */
	bool huge;		/* too long to be kept */
};

/*
 * The next line, which stays in the input until it is taken.  Returns 1, 0 at
 * the end, -errno.
 */
int pmt_logline_peek(struct pmt_log *log, struct pmt_logline *line)
	PMT_MUST_CHECK;
void pmt_logline_take(struct pmt_log *log, const struct pmt_logline *line);

static inline bool
pmt_text_is_line(struct pmt_text text, const char *word)
{
	return pmt_is_line(text.bytes, text.length, word);
}

static inline bool
pmt_text_is_header(struct pmt_text text)
{
	return pmt_is_header(text.bytes, text.length);
}

static inline bool
pmt_text_begins(struct pmt_text text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.length >= n && memcmp(text.bytes, prefix, n) == 0;
}

/* Make *event a problem of the line taken last; printf(3).  Returns 1. */
int pmt_log_problem(struct pmt_log *log, struct pmt_event *event,
		    const char *format, ...) PMT_PRINTF(3, 4);

/* The same, WHAT with enough of TEXT to recognise the line. */
int pmt_log_problem_line(struct pmt_log *log, struct pmt_event *event,
			 const char *what, struct pmt_text text);

/* Add a line to the opening message.  Returns 0 or -errno. */
int pmt_log_introduce(struct pmt_log *log, struct pmt_text line)
	PMT_MUST_CHECK;

/*
 * Read the opening message and the header of a text.  Returns 0 to go on, 1
 * with a problem, -errno.
 */
int pmt_log_read_introduction(struct pmt_log *log, struct pmt_event *event)
	PMT_MUST_CHECK;

/*
 * The message that begins with TEXT becomes that of *event, with the lines of
 * it that follow.  Returns 1 or -errno.
 */
int pmt_log_read_message(struct pmt_log *log, struct pmt_text text,
			 struct pmt_event *event) PMT_MUST_CHECK;

/* As pmt_log_next(), of a text. */
int pmt_textread_next(struct pmt_log *log, struct pmt_event *event)
	PMT_MUST_CHECK;

/*
 * The common rows, at most ROOM of them, straight from the buffer.  Returns how
 * many, 0 when the next one is none, -errno.
 */
int pmt_textread_quickly(struct pmt_log *log, struct pmt_event *events,
			 size_t room) PMT_MUST_CHECK;

#endif
