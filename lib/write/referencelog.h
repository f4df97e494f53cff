/* SPDX-License-Identifier: MIT */
/* referencelog.h - the log of objects created and destroyed, as text. */
#ifndef PMT_REFERENCELOG_H
#define PMT_REFERENCELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "log/row.h"
#include "write/bytesink.h"

/*
 * Begin a log: the opening MESSAGE (UTF-8, or NULL), SOF and the header.  A
 * line of the message that reads SOF is written as "\123OF".
 */
void pmt_referencelog_begin(struct pmt_logwrite *log, const char *message,
			    unsigned int columns);

/* Add the row of one event. */
void pmt_referencelog_event(struct pmt_logwrite *log, unsigned int columns,
			    const struct pmt_reference_event *event);

/*
 * Add a row "TAG: clock # text"; TAG is MSG or ERR, the clock in CPU
 * microseconds, the text SIZE bytes of UTF-8.
 */
void pmt_referencelog_note(struct pmt_logwrite *log, const char *tag,
			   uint64_t clock, const char *text, size_t size);

#endif
