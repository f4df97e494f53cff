/* SPDX-License-Identifier: MIT */
/* allocnames.h - which functions, places and stacks does a log name? */
#ifndef PMT_ALLOCNAMES_H
#define PMT_ALLOCNAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/common.h"
#include "base/hash.h"
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
	bool native;
};

/* A program or a library that native places lie in. */
struct pmt_alloc_module {
	uint64_t base;			/* where it begins, as it was linked */
	char *path;			/* ends in a NUL */
	uint8_t id[64];
	size_t id_size;
	bool looked;			/* for whoever names its symbols */
	void *symbols;
};

enum { PMT_MOST_INLINED = 16 };

/* A native function and where in its source; line 0 and no file: unknown. */
struct pmt_symbol {
	struct pmt_text function, file;
	uint32_t line;
};

/*
 * Name the function at ADDRESS of MODULE, as it was linked, and before it what
 * was inlined there.  Returns how many, 0 if it has no name; valid until the
 * next call.
 */
typedef size_t pmt_name_symbol(void *arg, struct pmt_alloc_module *module,
			       uint64_t address,
			       struct pmt_symbol symbols[PMT_MOST_INLINED]);

struct pmt_allocnames {
	struct pmt_sites *sites;	/* borrowed */
	bool native;			/* there are native frames */
	pmt_name_symbol *name_symbol;	/* NULL: nobody names them */
	void *name_arg;
	struct pmt_alloccode {
		char *file, *name;	/* escaped */
		size_t file_length, name_length;
	} *codes;
	struct pmt_alloc_place {
		uint32_t site;		/* of Python, or a native one's first */
		uint8_t sites;		/* 0: of Python, or not named yet */
		bool native;
		bool loop;		/* the interpreter's */
		uint32_t module;	/* of a native one; 0: none */
		uint64_t offset;
	} *places;
	struct pmt_alloc_node *nodes;	/* that of node 1 is the first */
	uint32_t code_count, place_count, node_count;
	/* With native frames nodes are made of what the log has: */
	struct pmt_alloc_module **modules;
	uint32_t *native_sites;		/* innermost first */
	struct pmt_alloc_stack *stacks;
	uint32_t module_count, native_site_count, stack_count;
	struct pmt_hash by_node;
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

/* An array of COUNT items of SIZE bytes is to hold one more.  0 or -ENOMEM. */
int pmt_allocnames_grow(void *array, uint32_t count, size_t size)
	PMT_MUST_CHECK;

/* The site of these names, which are not escaped.  0 or -ENOMEM. */
int pmt_allocnames_site(struct pmt_allocnames *names, struct pmt_text file,
			struct pmt_text function, uint32_t line,
			uint32_t *site) PMT_MUST_CHECK;

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
