/* SPDX-License-Identifier: MIT */
/* units.h - what do "64K" and "1.5s" mean, and how is 67108864 shown? */
#ifndef PMT_UNITS_H
#define PMT_UNITS_H

#include <stdint.h>

#include "base/common.h"

/*
 * Read a size in bytes: a number, perhaps with a fraction, then nothing or one
 * of K M G T P (powers of 1024, either case), then perhaps "B" or "iB".
 * Returns 0, -EINVAL when TEXT is no size, -ERANGE when it does not fit.
 */
int pmt_parse_size(const char *text, uint64_t *bytes) PMT_MUST_CHECK;

/*
 * Read a duration: a number, perhaps with a fraction, then nothing (seconds)
 * or one of ns us ms s m h d.  Returns 0, -EINVAL when TEXT is no duration,
 * -ERANGE when it does not fit.
 */
int pmt_parse_duration(const char *text, uint64_t *ns) PMT_MUST_CHECK;

/* Room for what pmt_format_size writes. */
#define PMT_SIZE_TEXT 16

/*
 * Show a number of bytes in at most 8 columns, and one for a sign: "512 B",
 * "1.5 KiB", "-64 MiB".  Returns TEXT.
 */
char *pmt_format_size(int64_t bytes, char text[PMT_SIZE_TEXT]);

#endif
