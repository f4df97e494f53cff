/* SPDX-License-Identifier: MIT */
/* toldwords.h - which words make up the rows of told.h? */
#ifndef PMT_TOLDWORDS_H
#define PMT_TOLDWORDS_H

#include "books/choice.h"

static const char *const headings[] = {
	[PMT_AT_END] = "Objects at the end:",
	[PMT_AT_PEAK] = "Objects at the peak:",
};

static const char *const group_headings[] = {
	[PMT_AT_END] = "Group at the end:",
	[PMT_AT_PEAK] = "Group at the peak:",
};

/* The heading and its numbers, in their order. */
enum { CLOCK, LIVE, BYTES, GROWING, BOOKS, SIZES, NARROW, NUMBERS };

static const char *const number_names[NUMBERS] = {
	"clock", "live", "bytes", "growing", "books", "sizes", "narrow",
};

/* The same of a group. */
enum { G_LIVE, G_MADE, G_BYTES, G_ALL, G_GROWING, G_INSTANCES, G_FIRST, G_LAST,
       G_OWNER, G_NUMBERS };

static const char *const group_names[G_NUMBERS] = {
	"live", "made", "bytes", "all_bytes", "growing", "instances", "first",
	"last", "owner",
};

#endif
