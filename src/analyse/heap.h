/* SPDX-License-Identifier: MIT */
/* heap.h - what does a heap snapshot say? */
#ifndef ANALYSE_HEAP_H
#define ANALYSE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "analyse/options.h"
#include "heap/heapfile.h"
#include "heap/paths.h"

/* Is the file PATH a heap snapshot, pmt-heap(5)? */
bool heap_is(const char *path);

/*
 * Print what OPTIONS ask of the snapshot PATH: types and greatest holders,
 * paths to objects, or folded paths.  Returns false if not all could be read.
 */
bool heap_show(const char *path, const struct options *options);

/* Print what there is more of in the second of two snapshots. */
bool heap_show_diff(const struct options *options);

/* A snapshot, and what was found out about it. */
struct heap_snapshot {
	struct pmt_heap heap;
	struct pmt_heap_head head;
	struct pmt_paths paths;
	uint64_t torn;		/* objects that are not in the file */
};

/* Read PATH.  Returns false, after a message, if it cannot be. */
bool heap_open(struct heap_snapshot *snapshot, const char *path);

void heap_close(struct heap_snapshot *snapshot);

/* To standard output, which may be a terminal: it obeys no name. */
void heap_print_text(const char *text);

/* Bytes of the objects of each way; 0 is garbage.  The caller frees them. */
uint64_t *heap_bytes_by_way(const struct heap_snapshot *snapshot);

#endif
