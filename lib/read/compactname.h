/* SPDX-License-Identifier: MIT */
/* compactname.h - which names has a block of a compact log defined? */
#ifndef PMT_COMPACTNAME_H
#define PMT_COMPACTNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "log/sites.h"

struct pmt_compact_type {
	struct pmt_text name;	/* escaped */
	int64_t live;		/* after the last row of this type */
	uint64_t size;		/* as in its last NEW */
};

struct pmt_compact_place {
	struct pmt_text file, function;
	struct pmt_own_text own;
	int64_t line;		/* of the last row here */
};

/* A site of a block: TYPE and PLACE are ids. */
struct pmt_compact_site {
	uint32_t type, place;
	int64_t line;
	uint32_t path;		/* of the callers, in all the log */
};

/* Profiles have no types. */
#define PMT_COMPACT_NO_TYPE UINT32_MAX

enum { PMT_COMPACT_CACHE = 2048 };	/* a power of two */

/* A site; saves looking the names up. */
struct pmt_compact_cached {
	uint32_t type, place, line, path;
	uint32_t site;
};

/*
 * The types and places of one block by their ids, which count from 0.  Names
 * point into the block.  Set sites once.
 */
struct pmt_compactnames {
	struct pmt_sites *sites;
	struct pmt_compact_type *type;
	size_t types, types_room;
	struct pmt_compact_place *place;
	size_t places, places_room;
	uint32_t *path;		/* in all the log, of that in the block */
	size_t paths, paths_room;
	struct pmt_compact_cached cache[PMT_COMPACT_CACHE];
};

/* Forget the block before. */
void pmt_compactnames_begin(struct pmt_compactnames *names);

/*
 * Define the next type or place.  Returns 0 or -ENOMEM.
 */
int pmt_compactnames_add_type(struct pmt_compactnames *names,
			      struct pmt_text name, int64_t live)
	PMT_MUST_CHECK;
int pmt_compactnames_add_place(struct pmt_compactnames *names,
			       const struct pmt_compact_place *place)
	PMT_MUST_CHECK;

/*
 * The next path: CALLER, one of the block, that was at LINE of PLACE.  Returns
 * 0, -EBADMSG or -ENOMEM.
 */
int pmt_compactnames_add_call(struct pmt_compactnames *names, uint64_t caller,
			      uint64_t place, uint64_t line) PMT_MUST_CHECK;

/* *path: in all the log, of CALLERS in the block.  False if it has none. */
bool pmt_compactnames_path(const struct pmt_compactnames *names,
			   uint64_t callers, uint32_t *path) PMT_MUST_CHECK;

/* As pmt_compactnames_site(), for what it has not met in this block. */
bool pmt_compactnames_find(struct pmt_compactnames *names,
			   const struct pmt_compact_site *at,
			   uint32_t *site) PMT_MUST_CHECK;

void pmt_compactnames_fini(struct pmt_compactnames *names);

static inline struct pmt_compact_cached *
pmt_compactnames_cached(struct pmt_compactnames *names,
			const struct pmt_compact_site *at)
{
	uint32_t hash = (at->type * 31 + at->place + at->path * 977) *
				0x9e3779b1u +
			(uint32_t)at->line;

	return &names->cache[hash % PMT_COMPACT_CACHE];
}

/*
 * The site AT type and place, which are defined, and its line.  Returns false
 * if the line is none or memory is short.
 */
static inline __attribute__((always_inline)) bool
pmt_compactnames_site(struct pmt_compactnames *names,
		      const struct pmt_compact_site *at, uint32_t *site)
{
	const struct pmt_compact_cached *cached =
		pmt_compactnames_cached(names, at);

	if (pmt_unlikely(cached->type != at->type ||
			 cached->place != at->place ||
			 cached->line != at->line ||
			 cached->path != at->path))
		return pmt_compactnames_find(names, at, site);
	*site = cached->site;
	return true;
}

#endif
