/* SPDX-License-Identifier: MIT */
/* growth.h - whose code made a process grow, as its profile tells it? */
#ifndef PMT_GROWTH_H
#define PMT_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "books/codebook.h"
#include "books/ownbook.h"
#include "log/event.h"
#include "log/sites.h"

/* How the RSS changed between a row and the one before it. */
struct pmt_growth_step {
	int64_t change;
	uint32_t node;		/* that was running */
	uint32_t file, line;	/* where; PMT_NO_NAME if that is not known */
	uint32_t own;		/* for which own line; PMT_NO_NAME: as above */
};

/*
 * The books of a profile or trace.  A change between two rows belongs to the
 * code that ran between them: before a RETURN the function that returns, before
 * a CALL the caller, before a LINE the line before.  The log may tell by which
 * calls; if not, and where rows were left out (d_rss_trigger), they are guessed
 * from the rows there are.  What changed while threads ran that the log does
 * not follow is charged to a function and a file "(other threads)".
 */
struct pmt_growth;

/*
 * SITES are those of the log, and may get one more.  Changes before SINCE (a
 * log's clock) are not charged.  Returns NULL when memory is short.
 */
struct pmt_growth *pmt_growth_new(struct pmt_sites *sites,
				  int64_t since) PMT_MUST_CHECK;
void pmt_growth_free(struct pmt_growth *growth);

/* Enter a FRST, NEXT, PREV or LAST row.  Returns 0 or -ENOMEM. */
int pmt_growth_add(struct pmt_growth *growth, const struct pmt_event *event,
		   struct pmt_growth_step *step) PMT_MUST_CHECK;

/* A MSG row says TEXT.  True: it told of the next row, and that is noted. */
bool pmt_growth_note(struct pmt_growth *growth, struct pmt_text text);

/* Were events left out? */
bool pmt_growth_has_gaps(const struct pmt_growth *growth);

/* Are call paths those of the log, and not guesses? */
bool pmt_growth_is_exact(const struct pmt_growth *growth);

const struct pmt_growth_node *pmt_growth_nodes(const struct pmt_growth *growth,
					uint32_t *count);
const struct pmt_growth_line *pmt_growth_lines(const struct pmt_growth *growth,
					uint32_t *count);

/* By lines of own code; none where the log does not tell paths. */
const struct pmt_growth_own *pmt_growth_owns(const struct pmt_growth *growth,
					     uint32_t *count);

#endif
