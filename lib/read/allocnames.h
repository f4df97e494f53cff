/* SPDX-License-Identifier: MIT */
/* allocnames.h - which functions, places and stacks does a log name? */
#ifndef PMT_ALLOCNAMES_H
#define PMT_ALLOCNAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "log/alloclog.h"
#include "log/sites.h"

/*
 * A stack: the node of its caller, 0 for none, and the site of its innermost
 * place.  Nodes are numbered from 1; a caller's number is lower.
 */
struct pmt_alloc_node {
	uint32_t caller;
	uint32_t site;
};

struct pmt_allocnames {
	struct pmt_sites *sites;	/* borrowed */
	struct pmt_alloccode {
		char *file, *name;	/* escaped */
		size_t file_length, name_length;
	} *codes;
	uint32_t *places;		/* numbers of sites */
	struct pmt_alloc_node *nodes;	/* that of node 1 is the first */
	uint32_t code_count, place_count, node_count;
};

/* The record being read; FAILED: it ends too early, or is no record. */
struct pmt_cursor {
	const uint8_t *p, *end;
	bool failed;
};

static inline uint64_t
pmt_cursor_number(struct pmt_cursor *cursor)
{
	uint64_t value = 0;
	const uint8_t *p = pmt_get_varint(cursor->p, cursor->end, &value);

	if (pmt_unlikely(p == NULL)) {
		cursor->failed = true;
		return 0;
	}
	cursor->p = p;
	return value;
}

/* One of something that there are MAX of; 0 may be none. */
static inline uint32_t
pmt_cursor_index(struct pmt_cursor *cursor, uint32_t max)
{
	uint64_t value = pmt_cursor_number(cursor);

	if (pmt_unlikely(value > max)) {
		cursor->failed = true;
		return 0;
	}
	return (uint32_t)value;
}

static inline struct pmt_text
pmt_cursor_text(struct pmt_cursor *cursor)
{
	struct pmt_text text = { "", 0 };
	uint64_t length = pmt_cursor_number(cursor);

	if (length > (uint64_t)(cursor->end - cursor->p)) {
		cursor->failed = true;
		return text;
	}
	text.bytes = (const char *)cursor->p;
	text.length = (size_t)length;
	cursor->p += length;
	return text;
}

/*
 * Read the record of a function, a place, a node, behind its first byte.
 * Return 0 or -ENOMEM; the cursor tells whether it was one.
 */
int pmt_allocnames_code(struct pmt_allocnames *names,
			struct pmt_cursor *cursor) PMT_MUST_CHECK;
int pmt_allocnames_place(struct pmt_allocnames *names,
			 struct pmt_cursor *cursor) PMT_MUST_CHECK;
int pmt_allocnames_node(struct pmt_allocnames *names,
			struct pmt_cursor *cursor) PMT_MUST_CHECK;

void pmt_allocnames_fini(struct pmt_allocnames *names);

#endif
