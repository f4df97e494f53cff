/* SPDX-License-Identifier: MIT */
/* line.h - how is a row put together, in columns or separated? */
#ifndef PMT_TREE_LINE_H
#define PMT_TREE_LINE_H

#include <stdbool.h>
#include <stdio.h>

#include "proc/procfs.h"

struct tree_format {
	struct pmt_procfs *fs;	/* for command lines */
	unsigned options;
	const char *separator;	/* NULL: padded columns */
	bool raw;		/* CSV: bytes, seconds, JSON's names */
	bool bare;		/* separated text needs no quotes */
	bool colour;
	int width;		/* cut rows there; 0: do not */
};

/* One row while it is put together. */
struct tree_line {
	FILE *out;
	const struct tree_format *format;
	bool begun;
	int used;		/* columns of the terminal, and one more */
	int blanks;		/* to come before the next text */
};

/*
 * Add TEXT, in COLOUR unless NULL.  WIDTH > 0 is to the right, < 0 to the left;
 * a row ends in no blanks, and at the width of the format.
 */
void tree_put(struct tree_line *line, int width, const char *colour,
	      const char *text);

/* End the row. */
void tree_finish(struct tree_line *line);

#endif
