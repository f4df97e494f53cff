/* SPDX-License-Identifier: MIT */
/* lines.h - on which line of its file does an instruction stand? */
#ifndef PMT_LINES_H
#define PMT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "alloc/layout.h"
#include "base/common.h"

/*
 * The line of the instruction at OFFSET, in bytes, of code that begins on line
 * FIRST and has this TABLE of SIZE bytes.  FIRST when the table does not tell.
 */
PMT_HIDDEN uint32_t pmt_line_at(enum pmt_line_table kind, uint32_t first,
				const uint8_t *table, size_t size,
				uint64_t offset);

#endif
