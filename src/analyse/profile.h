/* SPDX-License-Identifier: MIT */
/* profile.h - what do the rows of one profile or trace add up to? */
#ifndef ANALYSE_PROFILE_H
#define ANALYSE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyse/courses.h"
#include "analyse/reading.h"
#include "books/curve.h"
#include "books/footprints.h"
#include "books/grown.h"
#include "books/growth.h"
#include "books/importtime.h"
#include "books/told.h"
#include "books/verdict.h"

/* A row, as far as a step's context needs it. */
struct moment {
	uint64_t event;
	int64_t clock;
	int64_t rss;
	uint32_t site;
	enum pmt_what what;
};

/* A change of the RSS, from one row to the next. */
struct step {
	int64_t change;
	struct moment before, after;
};

struct mark {
	int64_t clock;
	char *text;
};

struct profile {
	struct pmt_growth *growth;
	struct pmt_curve *curve;
	struct moment last;
	bool started;
	struct courses *courses;	/* of a page; NULL: not kept */
	struct pmt_footprints footprints;
	struct pmt_importtime importing;
	struct pmt_told told[2];	/* of enum pmt_when */
	struct pmt_grown grown;
	uint64_t events;	/* seen by the tracer, not only written */
	struct step *steps;	/* the biggest, biggest first */
	size_t step_count, step_room;
	struct mark *marks;
	size_t mark_count;
};

/*
 * Of the code, and of objects where the log tells of them, of which *growing
 * groups grow.
 */
struct pmt_verdict profile_verdict(const struct profile *profile,
				   size_t *growing);

/* Is what there is more of at the end of use: has no group grown? */
bool profile_shows_grown(const struct profile *profile);

/* Read the rest of the log. */
void profile_read(struct profile *profile, struct reading *reading);
void profile_fini(struct profile *profile);

#endif
