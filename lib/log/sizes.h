/* SPDX-License-Identifier: MIT */
/* sizes.h - how large have objects become since they were made? */
#ifndef PMT_SIZES_H
#define PMT_SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"

/*
 * The text of a MSG row for as many objects as fit: "Sizes now:" and for each
 * " ADDRESS:BYTES" in hexadecimal, the address less the one before.  Zeroed
 * memory is one for no object.
 */
struct pmt_sizes {
	char text[1000];
	size_t length;
	uint64_t address;	/* the last one */
};

/* False: there is no room, begin another one. */
bool pmt_sizes_add(struct pmt_sizes *sizes, uint64_t address, uint64_t size);

/*
 * Is TEXT, a MSG row's, such a text?  *REST is then what pmt_sizes_next() takes
 * apart, with *ADDRESS 0 at first.
 */
bool pmt_sizes_parse(struct pmt_text text, struct pmt_text *rest)
	PMT_MUST_CHECK;

/* The next object; false after the last, and at what is no object. */
bool pmt_sizes_next(struct pmt_text *rest, uint64_t *address, uint64_t *size);

#endif
