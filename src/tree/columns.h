/* SPDX-License-Identifier: MIT */
/* columns.h - what pmt-tree shows of a process, in one table. */
#ifndef PMT_TREE_COLUMNS_H
#define PMT_TREE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/proctree.h"

/* Which columns, as the options name them. */
enum {
	TREE_RSS = 1 << 0,	/* always */
	TREE_USS = 1 << 1,
	TREE_FAULTS = 1 << 2,
	TREE_CPU = 1 << 3,
	TREE_SWITCHES = 1 << 4,
	TREE_THREADS = 1 << 5,
	TREE_STATUS = 1 << 6,
	TREE_FILES = 1 << 7,
	TREE_NET = 1 << 8,
	TREE_CMDLINE = 1 << 9,
	TREE_PERCENT = 1 << 10,	/* of TREE_CPU only the use */
	TREE_ALL = TREE_FAULTS | TREE_CPU | TREE_THREADS | TREE_STATUS |
		   TREE_FILES | TREE_NET,
};

enum tree_kind { TREE_NUMBER, TREE_CPU_PERCENT, TREE_STATE };

struct tree_column {
	const char *name;	/* in JSON and CSV: RSS */
	const char *title;	/* in the table: RSS(MiB) */
	unsigned option, group;	/* TREE_, PMT_PROC_ */
	enum tree_kind kind;
	size_t fact, fact2;	/* offsets of uint64_t in struct pmt_proc; 0 */
	double unit;		/* the table divides by this; 0: by none */
	int digits, width;
	bool change;		/* a column with the change beside it */
};

extern const struct tree_column tree_columns[];
extern const size_t tree_column_count;

/* The groups of facts that OPTIONS need. */
unsigned tree_groups(unsigned options);

enum tree_cell_state { TREE_KNOWN, TREE_ABSENT, TREE_DENIED };

struct tree_cell {
	enum tree_cell_state state;
	double value, change;	/* bytes, ns, counts, %; exact up to 2^53 */
	bool changed;		/* there is a change to speak of: not new */
};

/* One process or their total in COLUMN, ELAPSED ns after the sample before. */
struct tree_cell tree_cell(const struct tree_column *column,
			   const struct pmt_proctree_node *node,
			   uint64_t elapsed);

/* A sample: the forest and its sums. */
struct tree_sample {
	const struct pmt_proctree_node *nodes;
	size_t count;
	unsigned options;
	uint64_t elapsed;	/* since the sample before; 0: the first */
	double age;		/* seconds that the root lives or lived */
	struct tree_cell totals[16];	/* by column */
};

/*
 * Sum up into SAMPLE, whose totals are still those of the sample before.  The
 * total is TREE_DENIED, and a lower bound, when a process was.
 */
void tree_sum(struct tree_sample *sample);

#endif
