/* SPDX-License-Identifier: MIT */
/* what.h - the kinds of events of profile and trace logs. */
#ifndef PMT_WHAT_H
#define PMT_WHAT_H

/* In the order of the names in pmt-log(5); compact logs hold these numbers. */
enum pmt_what {
	PMT_WHAT_UNKNOWN,
	PMT_WHAT_CALL,
	PMT_WHAT_EXCEPT,
	PMT_WHAT_LINE,
	PMT_WHAT_RETURN,
	PMT_WHAT_C_CALL,
	PMT_WHAT_C_EXCEPT,
	PMT_WHAT_C_RETURN,
	PMT_WHAT_OPCODE,
};

#endif
