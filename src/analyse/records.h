/* SPDX-License-Identifier: MIT */
/* records.h - what do the records of pmt-process(1) say of memory over time? */
#ifndef ANALYSE_RECORDS_H
#define ANALYSE_RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "analyse/livecurves.h"
#include "analyse/options.h"
#include "base/hash.h"
#include "books/timeline.h"
#include "cli/recordlog.h"

/* One process, from its first record to its last. */
struct record_process {
	pid_t pid;
	uint64_t samples;
	uint64_t first, peak, last;	/* RSS in bytes */
	double cpu;			/* seconds, at the last record */
	uint64_t faults, threads, fds;	/* then, as far as they are known */
	bool ended;
	int64_t begun;			/* the clock when it was made */
	double elapsed;			/* of the last record */
	struct pmt_series rss;
	int curve;			/* its place in the curves, or -1 */
};

/* A label that a program gave, or how a process ended. */
struct record_mark {
	int64_t clock;
	char *text;
};

/* Which process had a number last: they are given to others. */
struct record_number {
	pid_t pid;
	uint32_t process;
};

/* Clocks are nanoseconds since the first record. */
struct records {
	const char *path;
	struct process_log_stats stats;
	char begun[64];			/* its time stamp */
	int64_t origin, end;
	struct record_process *list;
	size_t count, room;
	struct record_number *numbers;
	size_t number_count, number_room;
	struct pmt_hash by_pid;		/* of numbers */
	struct pmt_timeline timeline;
	struct live_curves *curves;	/* RSS of all, and of the first few */
	/* Of all together; the last before processes ended. */
	int64_t rss, rss_first, rss_peak, rss_last;
	struct record_mark *marks;
	size_t mark_count;
};

/* Does the file PATH begin with such records, be it among other lines? */
bool records_is(const char *path);

/* Returns false, after a message, when there was something wrong. */
bool records_read(struct records *records, const char *path);
void records_fini(struct records *records);

/* Forget the curves of processes; that of all together stays. */
void records_drop_curves(struct records *records);

/* Show PATH as OPTIONS ask, or add its JSON to LIST. */
bool records_show(const char *path, const struct options *options,
		  json_t *list);

#endif
