/* SPDX-License-Identifier: MIT */
/* courses.h - by how much had a piece of code grown RSS, at which moment? */
#ifndef ANALYSE_COURSES_H
#define ANALYSE_COURSES_H

#include "analyse/entry.h"
#include "base/hash.h"
#include "books/growth.h"
#include "books/timeline.h"

/* What changed RSS; zeroed memory is a new one. */
struct courses {
	struct pmt_timeline timeline;
	struct course *list;
	size_t count, room;
	struct pmt_hash by_key;
};

/* What a course is of; call paths are told apart by nodes of growth.h. */
enum course_kind {
	COURSE_OWN, COURSE_FUNCTION, COURSE_LINE, COURSE_FILE,
	COURSE_GROWN, COURSE_RELEASED,	/* of a node's own code */
};

/*
 * GROWTH charged STEP at CLOCK; the log begins at START.  Without memory the
 * program ends.
 */
void courses_add(struct courses *courses, int64_t start, int64_t clock,
		 const struct pmt_growth *growth,
		 const struct pmt_growth_step *step);

/*
 * The net change that ENTRY, of a table of this kind, had come to at
 * PMT_TIMELINE_STEPS evenly spaced moments; of the last two kinds what ENTRY's
 * node grew and released.  False: it changed nothing.
 */
bool courses_find(const struct courses *courses, enum course_kind kind,
		  const struct entry *entry,
		  int64_t samples[PMT_TIMELINE_STEPS]);

/* The clocks of these moments. */
void courses_clocks(const struct courses *courses,
		    int64_t clocks[PMT_TIMELINE_STEPS]);

void courses_fini(struct courses *courses);

#endif
