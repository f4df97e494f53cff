/* SPDX-License-Identifier: MIT */
/* profiletext.h - how does an event of a profile or trace look as text? */
#ifndef PMT_PROFILETEXT_H
#define PMT_PROFILETEXT_H

#include <stddef.h>

#include "log/row.h"
#include "log/tag.h"

/* As their namesakes in referencetext.h; ROW has PMT_HEADER_TEXT bytes. */
size_t pmt_profile_header(char *row, unsigned int columns);
size_t pmt_profile_size(unsigned int columns,
			const struct pmt_profile_event *event);
char *pmt_profile_text(char *p, enum pmt_row tag, unsigned int columns,
		       const struct pmt_profile_event *event);

/* What a note begins with, up to its clock; PMT_PROFILE_NUMBERS bytes. */
enum { PMT_PROFILE_NUMBERS = 160 };
char *pmt_profile_numbers(char *p, unsigned int columns,
			  const struct pmt_note *note);

#endif
