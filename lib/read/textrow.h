/* SPDX-License-Identifier: MIT */
/* textrow.h - what do the header and one row of a text log say? */
#ifndef PMT_TEXTROW_H
#define PMT_TEXTROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "log/event.h"
#include "log/sites.h"
#include "read/namecache.h"

#define PMT_HEADER_COLUMNS 24

/* What the header line tells about the rows below it. */
struct pmt_header {
	enum pmt_log_kind kind;
	unsigned has;			/* 1 << column */
	int count;
	uint8_t column[PMT_HEADER_COLUMNS];
	bool usual;			/* the first nine are as ever */
	/*
	 * The columns from names to names_end - 1 are [Type] File Line Function
	 * in this order, so that rows whose names hold blanks can be read from
	 * both ends; -1 when they stand in another.
	 */
	int names, names_end;
	size_t type_width, file_width;	/* as padded by the writer */
};

/*
 * Read a header line, "HDR:" or "HEDR:" and titles.  Returns 0, or -EBADMSG
 * when it lacks a column that no log can do without.
 */
int pmt_header_parse(struct pmt_text line, struct pmt_header *header)
	PMT_MUST_CHECK;

/*
 * Read a row that begins at LINE and whose newline is before END; END is
 * followed by PMT_INPUT_SPARE readable bytes.  This is the quick way: it gives
 * up on whatever is not quite regular.  CACHE is zeroed for each header.  On
 * success *NEXT is behind the newline.  Returns 0, -EAGAIN to have
 * pmt_row_parse() try, or -ENOMEM.
 */
int pmt_row_parse_quickly(const struct pmt_header *header,
			  struct pmt_sites *sites,
			  struct pmt_namecache *cache, const char *line,
			  const char *end, struct pmt_event *event,
			  const char **next) PMT_MUST_CHECK;

/* Read any row, blanks in its names and all.  Returns 0, -EBADMSG, -ENOMEM. */
int pmt_row_parse(const struct pmt_header *header, struct pmt_sites *sites,
		  struct pmt_text line, struct pmt_event *event)
	PMT_MUST_CHECK;

/* The columns of MSG: and ERR: rows; event->text is what follows them. */
int pmt_row_parse_message(const struct pmt_header *header,
			  struct pmt_text line, struct pmt_event *event)
	PMT_MUST_CHECK;

#endif
