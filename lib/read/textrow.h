/* SPDX-License-Identifier: MIT */
/* textrow.h - what does one row of a text log say, however it is written? */
#ifndef PMT_TEXTROW_H
#define PMT_TEXTROW_H

#include "base/common.h"
#include "base/text.h"
#include "log/event.h"
#include "log/sites.h"
#include "read/textheader.h"

/* Read any row, blanks in its names and all.  Returns 0, -EBADMSG, -ENOMEM. */
int pmt_row_parse(const struct pmt_header *header, struct pmt_sites *sites,
		  struct pmt_text line, struct pmt_event *event)
	PMT_MUST_CHECK;

/* The columns of MSG: and ERR: rows; event->text is what follows them. */
int pmt_row_parse_message(const struct pmt_header *header,
			  struct pmt_text line, struct pmt_event *event)
	PMT_MUST_CHECK;

#endif
