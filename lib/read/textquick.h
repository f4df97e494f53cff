/* SPDX-License-Identifier: MIT */
/* textquick.h - what does a regular row of a text log say, at once? */
#ifndef PMT_TEXTQUICK_H
#define PMT_TEXTQUICK_H

#include "base/common.h"
#include "log/event.h"
#include "log/sites.h"
#include "read/namecache.h"
#include "read/textheader.h"

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

#endif
