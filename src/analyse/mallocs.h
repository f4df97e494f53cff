/* SPDX-License-Identifier: MIT */
/* mallocs.h - what do the rows of malloc that D scripts print add up to? */
#ifndef ANALYSE_MALLOCS_H
#define ANALYSE_MALLOCS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyse/options.h"

/* A row of malloc-flow, pmt-dtrace(7), or of pymemtrace's script. */
struct mallocs_row {
	char *file, *function;	/* of one allocation, at file */
	uint64_t line, address, size, time;
	size_t number;		/* in the file */
	bool frees, freed;
};

struct mallocs {
	struct mallocs_row *rows;
	size_t count, room;
	uint64_t lines, failed;		/* failed: rows that are none */
	uint64_t mallocs, frees, null_frees, unknown_frees, replaced;
	uint64_t allocated, released, largest;	/* bytes */
	uint64_t blocks, bytes, most_blocks, most_bytes;
	struct mallocs_row **left;	/* blocks never freed, by their line */
	size_t left_count;
	struct mallocs_row **twice;	/* frees of what was freed before */
	size_t twice_count;
};

/* Does PATH begin as such output does? */
bool mallocs_is(const char *path);

/* Read PATH.  Returns false, after a message, if that cannot be done. */
bool mallocs_read(struct mallocs *mallocs, const char *path);
void mallocs_fini(struct mallocs *mallocs);

/* How many of LEFT from *I on are of one line; their BYTES.  Moves *I. */
size_t mallocs_next_line(const struct mallocs *mallocs, size_t *i,
			 uint64_t *bytes);

/* Print what PATH says, or add it to LIST.  False: it could not be read. */
bool mallocs_show(const char *path, const struct options *options,
		  json_t *list);

#endif
