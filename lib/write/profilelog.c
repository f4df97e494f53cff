/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/profilelog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "write/compactlog.h"

/* pmt-log(5) */
enum {
	TAG_WIDTH = 5,
	EVENT_WIDTH = 12,
	D_EVENT_WIDTH = 6,
	CLOCK_WIDTH = 12,
	WHAT_WIDTH = 8,
	FILE_WIDTH = PMT_FILE_WIDTH,
	LINE_WIDTH = 4,
	FUNCTION_WIDTH = 32,
	RSS_WIDTH = 12,
	THREAD_WIDTH = 8,
	/* Tag, newline and all columns but the names. */
	ROW_SIZE = 8 + 9 * PMT_PUT_MAX,
};

static const char what_column[][WHAT_WIDTH + 2] = {
	[PMT_WHAT_CALL] =	" CALL    ",
	[PMT_WHAT_EXCEPT] =	" EXCEPT  ",
	[PMT_WHAT_LINE] =	" LINE    ",
	[PMT_WHAT_RETURN] =	" RETURN  ",
	[PMT_WHAT_C_CALL] =	" C_CALL  ",
	[PMT_WHAT_C_EXCEPT] =	" C_EXCEPT",
	[PMT_WHAT_C_RETURN] =	" C_RETURN",
	[PMT_WHAT_OPCODE] =	" OPCODE  ",
};

void
pmt_profilelog_begin(struct pmt_logwrite *log, char kind,
		     const char *message, bool threads)
{
	char row[512];
	int n;

	if (log->compact != NULL) {
		pmt_compact_begin(log, kind, threads ? PMT_WITH_THREAD : 0,
				  message);
		return;
	}
	if (message != NULL)
		pmt_logwrite_message(log, message);
	pmt_logwrite_mark(log);
	pmt_logwrite_append(log, "SOF\n", 4);
	n = snprintf(row, sizeof(row), "HEDR: %-*s %-*s %-*s %-*s %-*s %*s "
		     "%-*s %*s %*s", EVENT_WIDTH, "Event", D_EVENT_WIDTH + 1,
		     "dEvent", CLOCK_WIDTH, "Clock", WHAT_WIDTH, "What",
		     FILE_WIDTH, "File", LINE_WIDTH, "Line", FUNCTION_WIDTH,
		     "Function", RSS_WIDTH, "RSS", RSS_WIDTH, "dRSS");
	if (threads)
		n += sprintf(row + n, " %*s", THREAD_WIDTH, "Thread");
	row[n++] = '\n';
	pmt_logwrite_append(log, row, (size_t)n);
	pmt_logwrite_begun(log);
}

/*
 * Numbers are built before a run of blanks and copied with it: copies of a
 * size that the compiler knows need no call.
 */
enum { DIGITS = 24, COPIED = 32 };

static inline char *
put_left(char *p, const char *begin, const char *end, size_t width)
{
	size_t length = (size_t)(end - begin);

	memcpy(p, begin, COPIED);
	return p + (length > width ? length : width);
}

static inline char *
put_left_unsigned(char *p, uint64_t value, size_t width)
{
	char number[DIGITS + COPIED], *end = number + DIGITS;

	memset(end, ' ', COPIED);
	return put_left(p, pmt_digits_before(end, value), end, width);
}

static inline char *
put_left_seconds(char *p, uint64_t microseconds, size_t width)
{
	uint32_t fraction = (uint32_t)(microseconds % 1000000);
	char number[DIGITS + COPIED], *point = number + DIGITS;

	memset(point, ' ', COPIED);
	point[0] = '.';
	memcpy(point + 1, pmt_digit_pairs + 2 * (fraction / 10000), 2);
	memcpy(point + 3, pmt_digit_pairs + 2 * (fraction / 100 % 100), 2);
	memcpy(point + 5, pmt_digit_pairs + 2 * (fraction % 100), 2);
	return put_left(p, pmt_digits_before(point, microseconds / 1000000),
			point + 7, width);
}

/* "TAG: event +dEvent clock" */
static inline char *
put_numbers(char *p, const char *tag, const struct pmt_profile_event *event)
{
	memcpy(p, tag, TAG_WIDTH);
	p[TAG_WIDTH] = ' ';
	p = put_left_unsigned(p + TAG_WIDTH + 1, event->event, EVENT_WIDTH);
	memcpy(p, " +", 2);
	p = put_left_unsigned(p + 2, event->d_event, D_EVENT_WIDTH);
	*p++ = ' ';
	return put_left_seconds(p, event->clock, CLOCK_WIDTH);
}

/* The names of C functions are escaped at each use: they may be any text. */
static char *
put_callee(char *p, const char *name)
{
	size_t length;

	*p++ = ' ';
	length = pmt_escape_name(name, strlen(name), p);
	if (length < FUNCTION_WIDTH)
		memset(p + length, ' ', FUNCTION_WIDTH - length);
	return p + (length < FUNCTION_WIDTH ? FUNCTION_WIDTH : length);
}

static char *
put_event(char *p, const char *tag, bool threads,
	  const struct pmt_profile_event *event)
{
	p = put_numbers(p, tag, event);
	memcpy(p, what_column[event->what], sizeof(what_column[0]) - 1);
	p += sizeof(what_column[0]) - 1;
	p = pmt_put_column(p, event->file);
	p = pmt_put_signed(p, event->line, LINE_WIDTH);
	if (event->callee != NULL)
		p = put_callee(p, event->callee);
	else
		p = pmt_put_narrow_column(p, event->function,
					  PMT_FUNCTION_WIDTH - FUNCTION_WIDTH);
	p = pmt_put_unsigned(p, event->rss, RSS_WIDTH);
	p = pmt_put_signed(p, event->d_rss, RSS_WIDTH);
	if (threads)
		p = pmt_put_signed(p, event->thread, THREAD_WIDTH);
	*p++ = '\n';
	return p;
}

void
pmt_profilelog_event(struct pmt_logwrite *log, const char *tag, bool threads,
		     const struct pmt_profile_event *event)
{
	size_t size;
	char *row;

	if (!pmt_logwrite_takes(log))
		return;
	if (log->compact != NULL) {
		pmt_compact_profile(log, tag, event);
		return;
	}
	size = ROW_SIZE + event->file->length +
	       (event->callee != NULL
			? PMT_ESCAPED_SIZE(strlen(event->callee)) +
				  FUNCTION_WIDTH
			: event->function->length);
	row = pmt_logwrite_reserve(log, size);
	if (pmt_likely(row != NULL)) {
		pmt_logwrite_commit(log, put_event(row, tag, threads, event));
		return;
	}
	/* Names longer than the whole buffer. */
	row = malloc(size);
	if (row == NULL) {
		log->lost++;
		return;
	}
	pmt_logwrite_append(log, row, (size_t)(put_event(row, tag, threads,
							 event) - row));
	free(row);
}

void
pmt_profilelog_note(struct pmt_logwrite *log,
		    const struct pmt_profile_event *event, const char *text,
		    size_t size)
{
	char *row, *p;

	if (log->compact != NULL) {
		pmt_compact_note(log, "MSG", event, event->clock, text, size);
		return;
	}
	row = malloc(ROW_SIZE + PMT_ESCAPED_SIZE(size));
	if (row == NULL) {
		log->lost++;
		return;
	}
	p = put_numbers(row, "MSG: ", event);
	memcpy(p, " # ", 3);
	p += 3;
	p += pmt_escape_text(text, size, p);
	*p++ = '\n';
	pmt_logwrite_append(log, row, (size_t)(p - row));
	free(row);
}
