/* SPDX-License-Identifier: MIT */
/* courses.h - by how much had a piece of code grown RSS, at which moment? */
#ifndef ANALYSE_COURSES_H
#define ANALYSE_COURSES_H

#include "analyse/entry.h"
#include "base/hash.h"
#include "books/growth.h"
#include "books/timeline.h"

/* Functions, lines and files that changed RSS; zeroed memory is a new one. */
struct courses {
	struct pmt_timeline timeline;
	struct course *list;
	size_t count, room;
	struct pmt_hash by_entry;
};

/*
 * GROWTH charged STEP at CLOCK; the log begins at START.  Without memory the
 * program ends.
 */
void courses_add(struct courses *courses, int64_t start, int64_t clock,
		 const struct pmt_growth *growth,
		 const struct pmt_growth_step *step);

/*
 * The net change that ENTRY, of a table of functions, lines or files, had come
 * to at PMT_TIMELINE_STEPS evenly spaced moments.  False: it changed nothing.
 */
bool courses_find(const struct courses *courses, const struct entry *entry,
		  int64_t samples[PMT_TIMELINE_STEPS]);

void courses_fini(struct courses *courses);

#endif
