/* SPDX-License-Identifier: MIT */
/* entry.h - what did one piece of a program do to the RSS? */
#ifndef ANALYSE_ENTRY_H
#define ANALYSE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "analyse/options.h"
#include "analyse/reading.h"
#include "base/text.h"
#include "books/growth.h"
#include "log/sites.h"

/* A row of a table: code, and what it did to the RSS. */
struct entry {
	uint32_t file, line, function;	/* PMT_NO_NAME: of no matter */
	bool in_c;
	bool own;			/* file and line are of own code */
	uint32_t times;			/* of a function that calls itself */
	/* For a line of own code, what took most; else NULL. */
	const struct pmt_growth_own *place;
	unsigned depth;			/* in a tree of calls */
	uint32_t node;
	struct pmt_growth_change change;
};

static inline int64_t
net_change(const struct pmt_growth_change *change)
{
	return (int64_t)(change->grown - change->released);
}

static inline void
add_change(struct pmt_growth_change *sum,
	   const struct pmt_growth_change *change)
{
	sum->grown += change->grown;
	sum->released += change->released;
	sum->rows += change->rows;
}

static inline bool
is_changed(const struct entry *entry)
{
	return entry->change.grown + entry->change.released > 0;
}

/*
 * Code that only ran, and changed nothing, comes last in tables sorted by
 * change, and text does not list it.
 */
static inline bool
hides_unchanged(const struct options *options)
{
	return options->choice.order != PMT_ORDER_COUNT &&
	       options->choice.order != PMT_ORDER_NAME;
}

/* "load", "append" for C, "?" */
static inline struct pmt_text
entry_function(const struct reading *reading, const struct entry *entry)
{
	if (entry->function == PMT_NO_NAME)
		return (struct pmt_text){ "?", 1 };
	return pmt_sites_name(reading->sites, entry->function);
}

#endif
