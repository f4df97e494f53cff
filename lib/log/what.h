/* SPDX-License-Identifier: MIT */
/* what.h - the kinds of events of profile and trace logs. */
#ifndef PMT_WHAT_H
#define PMT_WHAT_H

#include <stdbool.h>

#include "base/text.h"

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

/*
 * The MSG row before a row whose thread was not the only one that ran since
 * its event before, in a log that follows one thread.
 */
#define PMT_OTHER_THREADS_RAN "Other threads ran before the next row"

/* "CALL", "C_RETURN" and so on; "?" for what is unknown. */
const char *pmt_what_name(enum pmt_what what);

/* The kind that has this NAME; false, and *what as it was, if none has. */
bool pmt_what_of(struct pmt_text name, enum pmt_what *what);

#endif
