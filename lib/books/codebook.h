/* SPDX-License-Identifier: MIT */
/* codebook.h - which piece of code is it, and what was charged to it? */
#ifndef PMT_CODEBOOK_H
#define PMT_CODEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/hash.h"

/* What a piece of code did to the RSS, in bytes; net is grown - released. */
struct pmt_growth_change {
	uint64_t grown;
	uint64_t released;
	uint64_t rows;		/* of the log that name this code */
};

/* A name or a line that is not known, or that makes no difference. */
#define PMT_NO_NAME UINT32_MAX

/*
 * A function, called along one path.  Node 0 is the root: whatever called the
 * first function seen.  A parent's number is less than its children's.
 */
struct pmt_growth_node {
	uint32_t parent;
	uint32_t file;		/* PMT_NO_NAME for functions written in C */
	uint32_t function;
	bool in_c;
	uint32_t times;		/* that recursion came to it, 0 if not known */
	struct pmt_growth_change change;	/* not of what it calls */
};

/* A line of a file; C functions count for the line that calls them. */
struct pmt_growth_line {
	uint32_t file;
	uint32_t line;
	struct pmt_growth_change change;
};

/* Each node and each line once. */
struct pmt_codebook {
	struct pmt_growth_node *nodes;
	struct pmt_growth_line *lines;
	uint32_t node_count, line_count;
	size_t node_room, line_room;
	struct pmt_hash by_node, by_line;
	uint32_t last_line;	/* asked for; most rows ask for it again */
};

/* Returns 0 or -ENOMEM; fini it in any case. */
int pmt_codebook_init(struct pmt_codebook *book) PMT_MUST_CHECK;
void pmt_codebook_fini(struct pmt_codebook *book);

/* The node like KEY, made if there is none.  Returns 0 or -ENOMEM. */
int pmt_codebook_node(struct pmt_codebook *book,
		      const struct pmt_growth_node *key,
		      uint32_t *number) PMT_MUST_CHECK;

/* The line like KEY; valid until the next call.  Returns 0 or -ENOMEM. */
int pmt_codebook_line(struct pmt_codebook *book,
		      const struct pmt_growth_line *key,
		      struct pmt_growth_line **line) PMT_MUST_CHECK;

#endif
