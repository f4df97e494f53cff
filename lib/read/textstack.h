/* SPDX-License-Identifier: MIT */
/* textstack.h - which path of calls stands in this column of a row? */
#ifndef PMT_TEXTSTACK_H
#define PMT_TEXTSTACK_H

#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "log/sites.h"

/*
 * *path: that of the column WORD, PMT_INPUT_SPARE readable bytes behind it.
 * Returns 0, -EBADMSG or -ENOMEM.
 */
int pmt_textstack_read(struct pmt_sites *sites, struct pmt_text word,
		       uint32_t *path) PMT_MUST_CHECK;

#endif
