/* SPDX-License-Identifier: MIT */
/* encoding.h - in which forms can what a tracer sees be written? */
#ifndef PMT_ENCODING_H
#define PMT_ENCODING_H

enum pmt_encoding {
	PMT_ENCODING_TEXT,	/* rows of text: .log */
	PMT_ENCODING_COMPACT,	/* the same rows in few bytes: .pmt */
	PMT_ENCODING_SUMMARY,	/* no rows, a report on them: .txt */
	PMT_ENCODING_NONE,	/* nothing: probes alone tell */
};

#endif
