/* SPDX-License-Identifier: MIT */
/* referencetext.h - how does an object created or destroyed look as text? */
#ifndef PMT_REFERENCETEXT_H
#define PMT_REFERENCETEXT_H

#include <stddef.h>

#include "log/column.h"
#include "log/row.h"

/* Numbers of the row before; zeroed before the first. */
struct pmt_reference_steady {
	struct pmt_steady seconds, rss, d_rss;
};

/*
 * The header line, with its newline, of a log with COLUMNS, in ROW, which has
 * PMT_HEADER_TEXT bytes.  Returns its length.
 */
enum { PMT_HEADER_TEXT = 512 };
size_t pmt_reference_header(char *row, unsigned int columns);

/* The bytes that the row of EVENT takes at the most. */
size_t pmt_reference_size(unsigned int columns,
			  const struct pmt_reference_event *event);

/* Put the row at P, where so many bytes are; returns its end. */
char *pmt_reference_text(char *p, struct pmt_reference_steady *steady,
			 unsigned int columns,
			 const struct pmt_reference_event *event);

#endif
