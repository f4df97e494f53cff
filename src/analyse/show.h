/* SPDX-License-Identifier: MIT */
/* show.h - how is what a log says shown? */
#ifndef ANALYSE_SHOW_H
#define ANALYSE_SHOW_H

#include <jansson.h>
#include <stdbool.h>

#include "analyse/allocations.h"
#include "analyse/livecurves.h"
#include "analyse/profile.h"
#include "analyse/reading.h"
#include "analyse/stacks.h"
#include "books/leaks.h"

/* A log that was read, and one of the three that it can be. */
struct analysis {
	const struct reading *reading;
	const struct profile *profile;
	const struct pmt_leaks *leaks;
	const struct live_curves *curves;	/* or NULL; of no profile */
	const struct allocations *allocations;
	json_t *list;		/* to which JSON is appended */
};

/*
 * Views of one kind of log in one format, to standard output but for JSON and
 * plots.  Each returns false, after a message, when it could not show it.
 */
bool show_text_profile(const struct analysis *analysis);
bool show_text_reference(const struct analysis *analysis);
bool show_text_allocations(const struct analysis *analysis);
bool show_json_profile(const struct analysis *analysis);
bool show_json_reference(const struct analysis *analysis);
bool show_json_allocations(const struct analysis *analysis);
bool show_csv_profile(const struct analysis *analysis);
bool show_csv_reference(const struct analysis *analysis);
bool show_csv_allocations(const struct analysis *analysis);

/* Begin STACKS with the call paths of a log that has them. */
void show_stacks_make(struct stacks *stacks, const struct analysis *analysis);

/* Add "call_paths" to the JSON of a log that has them. */
void show_json_paths(const struct analysis *analysis);

/* The call paths, in the format that the options ask for. */
bool show_stacks(const struct analysis *analysis);

/* Append to the list what page_write() makes a page of. */
bool show_page_profile(const struct analysis *analysis);
bool show_page_reference(const struct analysis *analysis);
bool show_page_allocations(const struct analysis *analysis);

/* Memory over time, and what is alive, to options->out. */
bool show_perfetto(const struct analysis *analysis);
bool show_massif(const struct analysis *analysis);

/* Has gnuplot draw options->plot. */
bool show_plot_profile(const struct analysis *analysis);
bool show_plot_live(const struct analysis *analysis);

#endif
