/* SPDX-License-Identifier: MIT */
/* tag.h - of which kind is a row? */
#ifndef PMT_TAG_H
#define PMT_TAG_H

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

#endif
