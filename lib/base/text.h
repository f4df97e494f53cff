/* SPDX-License-Identifier: MIT */
/* text.h - bytes that belong to someone else. */
#ifndef PMT_TEXT_H
#define PMT_TEXT_H

#include <stddef.h>

/* Any bytes, NUL too: names and messages may hold all of them. */
struct pmt_text {
	const char *bytes;
	size_t length;
};

#endif
