/* SPDX-License-Identifier: MIT */
/* namecache.h - which site do these names of a text row mean, again? */
#ifndef PMT_NAMECACHE_H
#define PMT_NAMECACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/common.h"
#include "log/sites.h"

enum {
	PMT_NAMECACHE_ENTRIES = 1024,	/* a power of two */
	PMT_NAMECACHE_BYTES = 248,	/* longer names are not kept */
	PMT_NAMECACHE_READS = 256,	/* bytes from the first name on */
};

/*
 * The part of a row from its first name to its last, with the blanks and the
 * line number between, is the same text whenever the site is the same.  To
 * compare it as a whole is cheaper than to take it apart and look up names.
 * Zeroed memory is an empty one.
 */
struct pmt_namecache {
	/* Where line number and function stood last, from the first name. */
	size_t line, function;
	struct pmt_cached_names {
		uint32_t length;	/* 0: none */
		uint32_t site;
		char bytes[PMT_NAMECACHE_BYTES];
	} entries[PMT_NAMECACHE_ENTRIES];
};

static inline struct pmt_cached_names *
pmt_namecache_entry(struct pmt_namecache *cache, const char *names)
{
	uint64_t type, line, function;

	memcpy(&type, names, 8);
	memcpy(&line, names + cache->line, 8);
	memcpy(&function, names + cache->function, 8);
	type = (type * 31 + line) * 0x9e3779b97f4a7c15u + function;
	type *= 0x9e3779b97f4a7c15u;
	return &cache->entries[type >> 32 & (PMT_NAMECACHE_ENTRIES - 1)];
}

/*
 * The names that begin at NAMES, if they are kept: PMT_NAMECACHE_READS bytes
 * can be read there.  NULL if not.
 */
static inline const struct pmt_cached_names *
pmt_namecache_find(struct pmt_namecache *cache, const char *names)
{
	const struct pmt_cached_names *entry =
		pmt_namecache_entry(cache, names);

	/* A longer name may begin like this one. */
	if (entry->length == 0 || names[entry->length] != ' ' ||
	    memcmp(entry->bytes, names, entry->length) != 0)
		return NULL;
	return entry;
}

/*
 * Keep NAMES, whose line number and function begin there, as those of SITE.
 */
static inline void
pmt_namecache_keep(struct pmt_namecache *cache, struct pmt_text names,
		   const char *line, const char *function, uint32_t site)
{
	struct pmt_cached_names *entry;

	if (names.length > PMT_NAMECACHE_BYTES)
		return;
	cache->line = (size_t)(line - names.bytes);
	cache->function = (size_t)(function - names.bytes);
	entry = pmt_namecache_entry(cache, names.bytes);
	entry->length = (uint32_t)names.length;
	entry->site = site;
	memcpy(entry->bytes, names.bytes, names.length);
}

#endif
