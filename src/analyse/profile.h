/* SPDX-License-Identifier: MIT */
/* profile.h - what one profile or trace says, and how it is shown. */
#ifndef ANALYSE_PROFILE_H
#define ANALYSE_PROFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyse/analyse.h"
#include "books/curve.h"
#include "books/growth.h"

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
	int64_t first_rss, peak_rss;
	uint64_t events;	/* seen by the tracer, not only written */
	struct step *steps;	/* the biggest, biggest first */
	size_t step_count, step_room;
	struct mark *marks;
	size_t mark_count;
};

/* A row of a table: code, and what it did to the RSS. */
struct entry {
	uint32_t file, line, function;	/* PMT_NO_NAME: of no matter */
	bool in_c;
	unsigned depth;			/* in a tree of calls */
	uint32_t node;
	struct pmt_change change;
};

struct table {
	const char *title;
	const char *name;		/* of one row, for JSON and CSV */
	struct entry *entries;		/* sorted; the caller frees them */
	size_t count;
};

enum table_kind {
	TABLE_FUNCTIONS,	/* of their own code */
	TABLE_PATHS,		/* with what they call */
	TABLE_LINES,
	TABLE_FILES,
	TABLES
};

struct table make_table(const struct reading *reading,
			const struct profile *profile, enum table_kind kind);

/* Does --group-by ask for this table, or for none in particular? */
bool table_wanted(const struct options *options, enum table_kind kind);

/*
 * Code that only ran, and changed nothing, comes last in tables sorted by
 * change, and text does not list it.
 */
bool hides_unchanged(const struct options *options);
bool is_changed(const struct entry *entry);

static inline int64_t
net_change(const struct pmt_change *change)
{
	return (int64_t)(change->grown - change->released);
}

/* "load", "append()" for C, "?" */
struct pmt_text entry_function(const struct reading *reading,
			       const struct entry *entry);

void print_profile(const struct reading *reading,
		   const struct profile *profile);
void print_chart(const struct reading *reading,
		 const struct profile *profile);
void print_folded(const struct reading *reading,
		  const struct profile *profile);
json_t *json_profile(const struct reading *reading,
		     const struct profile *profile);
void csv_profile(const struct reading *reading,
		 const struct profile *profile);

#endif
