/* SPDX-License-Identifier: MIT */
/* heap.h - what does a heap snapshot say? */
#ifndef ANALYSE_HEAP_H
#define ANALYSE_HEAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "analyse/options.h"
#include "analyse/stacks.h"
#include "heap/census.h"
#include "heap/dominators.h"
#include "heap/heapfile.h"
#include "heap/holders.h"
#include "heap/paths.h"

/* Is the file PATH a heap snapshot, pmt-heap(5)? */
bool heap_is(const char *path);

/*
 * Print what OPTIONS ask of the snapshot PATH: types and greatest holders,
 * paths to objects, or the bytes of each path; JSON is added to LIST.  Returns
 * false if not all could be read.
 */
bool heap_show(const char *path, const struct options *options, json_t *list);

/* Print what there is more of in the second of two snapshots. */
bool heap_show_diff(const struct options *options, json_t *list);

/* A snapshot, and what was found out about it. */
struct heap_snapshot {
	const char *path;
	struct pmt_heap heap;
	struct pmt_heap_head head;
	struct pmt_paths paths;
	uint64_t torn;		/* objects that are not in the file */
};

/* Read PATH.  Returns false, after a message, if it cannot be. */
bool heap_open(struct heap_snapshot *snapshot, const char *path);

void heap_close(struct heap_snapshot *snapshot);

/* An object that retains a tenth of all, and how many of those hold it. */
struct heap_holder {
	uint32_t node, depth;
};

/* What takes longer to find out. */
struct heap_report {
	const struct heap_snapshot *snapshot;
	struct pmt_dominators dominators;
	struct pmt_census census;
	struct heap_holder *holders;	/* each before those that it holds */
	size_t holder_count;
	bool scattered;		/* none does: they are the largest there are */
};

/* Both end the program where there is no memory. */
void heap_report_init(struct heap_report *report,
		      const struct heap_snapshot *snapshot);
void heap_report_fini(struct heap_report *report);

enum { HEAP_TEXT = 1024, HEAP_HOLDINGS = 64 };

/* How a holder is reached. */
void heap_holder_text(const struct heap_report *report,
		      const struct heap_holder *holder, char text[HEAP_TEXT]);

/*
 * What holds the type or the object at the address that --path-to names: how
 * many ways to HOLDING.  0, after a message: there is no such object.
 */
uint32_t heap_paths_to(const struct heap_snapshot *snapshot,
		       const struct options *options,
		       struct pmt_holding holding[HEAP_HOLDINGS]);

/* The views, and the bytes and objects of each way as call paths. */
void heap_text(const struct heap_report *report,
	       const struct options *options);
void heap_csv(const struct heap_report *report, const struct options *options);
json_t *heap_json(const struct heap_report *report,
		  const struct options *options);
void heap_stacks(struct stacks *stacks, const struct heap_snapshot *snapshot);

/* To standard output, which may be a terminal: it obeys no name. */
void heap_print_text(const char *text);

/* A field of a CSV line, which is not the first. */
void heap_print_field(const char *text);

/* Objects and bytes of each way; 0 is garbage.  The caller frees it. */
struct heap_sum {
	uint64_t count, bytes;
};

struct heap_sum *heap_sums_by_way(const struct heap_snapshot *snapshot);

#endif
