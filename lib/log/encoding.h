/* SPDX-License-Identifier: MIT */
/* encoding.h - in which forms can what a tracer sees be written? */
#ifndef PMT_ENCODING_H
#define PMT_ENCODING_H

#include <stdbool.h>

enum pmt_encoding {
	PMT_ENCODING_TEXT,	/* rows of text: .log */
	PMT_ENCODING_COMPACT,	/* the same rows in few bytes: .pmt */
	PMT_ENCODING_SUMMARY,	/* no rows, a report on them: .txt */
	PMT_ENCODING_NONE,	/* nothing: probes alone tell */
	PMT_ENCODING_BOOKS,	/* nothing: another log is told what it is */
};

/* Are there books, and no rows that somebody could want to see early? */
static inline bool
pmt_encoding_keeps_books(enum pmt_encoding encoding)
{
	return encoding == PMT_ENCODING_SUMMARY ||
	       encoding == PMT_ENCODING_BOOKS;
}

#endif
