/* SPDX-License-Identifier: MIT */
/* program.h - what does a traced program have alive, and since when? */
#ifndef PMT_TOP_PROGRAM_H
#define PMT_TOP_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"
#include "books/timeline.h"
#include "log/memory.h"
#include "log/sites.h"
#include "proc/proc.h"
#include "report/livetable.h"

/* The objects of one type made at one place. */
struct top_site {
	struct pmt_site site;
	uint64_t made, live;
	int64_t bytes;
	double making;		/* objects made a second, since the last look */
	double growth;		/* objects that stay, a second; see below */
	struct pmt_series series;	/* of live */
};

struct top_program {
	pid_t pid;
	char *command;		/* its command line */
	const struct pmt_livetable *table;
	bool sizes;		/* bytes are known */
	struct pmt_text *names;
	size_t name_count, name_room, name_bytes;
	struct top_site *sites;
	size_t site_count, site_room;
	uint64_t live, left_out;
	uint64_t books;		/* bytes of the tracer's own */
	struct pmt_timeline timeline;	/* of the looks */
	uint64_t looked;	/* monotonic, of the last one; 0: none */
	struct pmt_proc proc;	/* as it was then */
	uint64_t first_rss;
	bool is_noted;
	int64_t noted_clock;
	struct pmt_memory noted;
};

/*
 * Begin to look at PID.  Returns 0 or -errno, as pmt_livetable_open(): *PROGRAM
 * is then none.
 */
int top_program_open(struct top_program *program, struct pmt_procfs *fs,
		     pid_t pid) PMT_MUST_CHECK;
void top_program_close(struct top_program *program);

/*
 * Look.  What grows is what stays: from the least that was alive in the first
 * quarter of the time that we have looked to the least in the last quarter.
 * Returns 0 or -errno: -ESRCH, it has ended.
 */
int top_program_look(struct top_program *program,
		     struct pmt_procfs *fs) PMT_MUST_CHECK;

/* One of its names; those that it has not shown are empty. */
struct pmt_text top_program_name(const struct top_program *program,
				 uint32_t name);

#endif
