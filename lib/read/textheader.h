/* SPDX-License-Identifier: MIT */
/* textheader.h - which columns have the rows below this header line? */
#ifndef PMT_TEXTHEADER_H
#define PMT_TEXTHEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "log/event.h"

#define PMT_HEADER_COLUMNS 24

/* What all writers begin their rows with; known to the compiler for speed. */
#define PMT_USUAL_COLUMNS 9

static const uint8_t pmt_usual_reference[PMT_USUAL_COLUMNS] = {
	PMT_COLUMN_CLOCK, PMT_COLUMN_ADDRESS, PMT_COLUMN_LIVE,
	PMT_COLUMN_TYPE, PMT_COLUMN_FILE, PMT_COLUMN_LINE,
	PMT_COLUMN_FUNCTION, PMT_COLUMN_RSS, PMT_COLUMN_D_RSS,
};

static const uint8_t pmt_usual_profile[PMT_USUAL_COLUMNS] = {
	PMT_COLUMN_EVENT, PMT_COLUMN_D_EVENT, PMT_COLUMN_CLOCK,
	PMT_COLUMN_WHAT, PMT_COLUMN_FILE, PMT_COLUMN_LINE,
	PMT_COLUMN_FUNCTION, PMT_COLUMN_RSS, PMT_COLUMN_D_RSS,
};

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

#endif
