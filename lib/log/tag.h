/* SPDX-License-Identifier: MIT */
/* tag.h - of which kind is a row, or any line of a text log? */
#ifndef PMT_TAG_H
#define PMT_TAG_H

#include <stdbool.h>
#include <stddef.h>

/* Text logs begin each row with its tag; compact ones number some of them. */
enum pmt_row {
	PMT_ROW_NEW,
	PMT_ROW_DEL,
	PMT_ROW_FRST,
	PMT_ROW_NEXT,
	PMT_ROW_PREV,
	PMT_ROW_LAST,
	PMT_ROW_MSG,
	PMT_ROW_ERR,
	PMT_ROW_PROBLEM,	/* no event: what is wrong with the log */
};

/* The row that a line begins like, or PMT_ROW_PROBLEM. */
enum pmt_row pmt_row_of(const char *line, size_t size);

/* Is it a header, or the line WORD and nothing else? */
bool pmt_is_header(const char *line, size_t size);
bool pmt_is_line(const char *line, size_t size, const char *word);

/*
 * Is the line one of the log itself, when it comes below a message?  All others
 * belong to the message, whose own lines must not begin so.
 */
bool pmt_ends_message(const char *line, size_t size);

#endif
