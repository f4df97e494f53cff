/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/profiletext.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "log/stackcolumn.h"
#include "write/referencetext.h"

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

static const char *const tags[] = {
	[PMT_ROW_FRST] = "FRST:", [PMT_ROW_NEXT] = "NEXT:",
	[PMT_ROW_PREV] = "PREV:", [PMT_ROW_LAST] = "LAST:",
};

size_t
pmt_profile_header(char *row, unsigned int columns)
{
	int n;

	n = sprintf(row, "HEDR:");
	if (!(columns & PMT_WITHOUT_EVENT))
		n += sprintf(row + n, " %-*s", EVENT_WIDTH, "Event");
	if (!(columns & PMT_WITHOUT_D_EVENT))
		n += sprintf(row + n, " %-*s", D_EVENT_WIDTH + 1, "dEvent");
	n += sprintf(row + n, " %-*s %-*s %-*s %*s %-*s %*s", CLOCK_WIDTH,
		     "Clock", WHAT_WIDTH, "What", FILE_WIDTH, "File",
		     LINE_WIDTH, "Line", FUNCTION_WIDTH, "Function", RSS_WIDTH,
		     "RSS");
	if (!(columns & PMT_WITHOUT_D_RSS))
		n += sprintf(row + n, " %*s", RSS_WIDTH, "dRSS");
	if (columns & PMT_WITH_THREAD)
		n += sprintf(row + n, " %*s", THREAD_WIDTH, "Thread");
	if (columns & PMT_WITH_OWN)
		n += sprintf(row + n, " Own");
	if (columns & PMT_WITH_STACK)
		n += sprintf(row + n, " Stack");
	row[n++] = '\n';
	return (size_t)n;
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
put_numbers(char *p, const char *tag, unsigned int columns, uint64_t event,
	    uint64_t d_event, uint64_t clock)
{
	memcpy(p, tag, TAG_WIDTH);
	p += TAG_WIDTH;
	if (pmt_likely(!(columns & PMT_WITHOUT_EVENT))) {
		*p = ' ';
		p = put_left_unsigned(p + 1, event, EVENT_WIDTH);
	}
	if (pmt_likely(!(columns & PMT_WITHOUT_D_EVENT))) {
		memcpy(p, " +", 2);
		p = put_left_unsigned(p + 2, d_event, D_EVENT_WIDTH);
	}
	*p++ = ' ';
	return put_left_seconds(p, clock, CLOCK_WIDTH);
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

size_t
pmt_profile_size(unsigned int columns, const struct pmt_profile_event *event)
{
	size_t size = ROW_SIZE + event->file->length;

	if (columns & PMT_WITH_OWN)
		size += pmt_ownplace_size(&event->own);
	if (columns & PMT_WITH_STACK)
		size += pmt_stackcolumn_size(event->callers);
	if (event->callee == NULL)
		return size + event->function->length;
	return size + FUNCTION_WIDTH +
	       PMT_ESCAPED_SIZE(strlen(event->callee));
}

char *
pmt_profile_text(char *p, enum pmt_row tag, unsigned int columns,
		 const struct pmt_profile_event *event)
{
	p = put_numbers(p, tags[tag], columns, event->event, event->d_event,
			event->clock);
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
	if (pmt_likely(!(columns & PMT_WITHOUT_D_RSS)))
		p = pmt_put_signed(p, event->d_rss, RSS_WIDTH);
	if (columns & PMT_WITH_THREAD)
		p = pmt_put_signed(p, event->thread, THREAD_WIDTH);
	if (columns & PMT_WITH_OWN)
		p = pmt_ownplace_put(p, &event->own);
	if (columns & PMT_WITH_STACK)
		p = pmt_stackcolumn_put(p, event->callers);
	*p++ = '\n';
	return p;
}

char *
pmt_profile_numbers(char *p, unsigned int columns, const struct pmt_note *note)
{
	return put_numbers(p, note->error ? "ERR: " : "MSG: ", columns,
			   note->event, note->d_event, note->clock);
}
