/* SPDX-License-Identifier: MIT */
/* show_text.h - what stands above the tables of a text report? */
#ifndef ANALYSE_SHOW_TEXT_H
#define ANALYSE_SHOW_TEXT_H

#include "analyse/allocations.h"
#include "analyse/profile.h"
#include "analyse/reading.h"

/* The lines above the numbers: path, opening message. */
void show_text_heading(const struct reading *reading);

/* The RSS over time; nothing where it never changed. */
void show_text_chart(const struct reading *reading,
		     const struct profile *profile);

/*
 * What there is more of than when the program began, if the log tells; the
 * report may have groups of objects of some types, too.  ALLOCATIONS tell who
 * made it; NULL: nobody knows.
 */
void show_text_grown(const struct reading *reading,
		     const struct pmt_grown *grown,
		     const struct allocations *allocations,
		     bool beside_groups);

/* "leak.py:29 say"; parts may be PMT_NO_PART, the file not. */
void show_text_site(const struct reading *reading, uint32_t file,
		    uint32_t line, uint32_t function);

/* Of a log of allocations: all that is no table; blocks by size. */
void show_text_allocation_totals(const struct allocations *allocations);
void show_text_allocation_sizes(const struct allocations *allocations);

#endif
