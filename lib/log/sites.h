/* SPDX-License-Identifier: MIT */
/* sites.h - which names has a log used, and which places in code? */
#ifndef PMT_SITES_H
#define PMT_SITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/common.h"
#include "base/text.h"
#include "log/ownplace.h"
#include "log/callpaths.h"

/* In place of a name or line that there is none of. */
#define PMT_NO_PART UINT32_MAX

/*
 * Where an event happened, to an object of which type, for which place in the
 * program's own code, and by which calls.  Names are numbers that
 * pmt_sites_name() turns into text; equal names have equal numbers.  Logs
 * without types have the empty name, number 0, for them.
 */
struct pmt_site {
	uint32_t type;
	uint32_t file;
	uint32_t function;
	uint32_t line;
	/* PMT_NO_PART where that is not known; may be the place itself. */
	uint32_t own_file;
	uint32_t own_function;
	uint32_t own_line;
	/* 1: within an import; 2: the own place imports */
	uint32_t imports;
	uint32_t path;		/* of its callers: callpaths.h */
};

/*
 * Every distinct name and site of one or several logs, each kept once and
 * numbered from 0.  It owns all text that it hands out, until it is freed.
 */
struct pmt_sites;

/* NULL when memory is short. */
struct pmt_sites *pmt_sites_new(void) PMT_MUST_CHECK;
void pmt_sites_free(struct pmt_sites *sites);

/* A site's names, escaped as logs escape them (escape.h). */
struct pmt_site_text {
	struct pmt_text type, file, function;
	uint32_t line;
	struct pmt_own_text own;
	uint32_t path;
};

/*
 * The number of the site with these names.  Reads up to 7 bytes past a name's
 * end, so names live in buffers with that much to spare.  Returns 0 or
 * -ENOMEM.
 */
int pmt_sites_find(struct pmt_sites *sites, const struct pmt_site_text *text,
		   uint32_t *site) PMT_MUST_CHECK;

/* Bytes of all this, the most that can be in memory. */
size_t pmt_sites_memory(const struct pmt_sites *sites);

/* How many sites there are, and each of them; valid until the next find. */
uint32_t pmt_sites_count(const struct pmt_sites *sites);
const struct pmt_site *pmt_sites_get(const struct pmt_sites *sites,
				     uint32_t site);

/*
 * Is it a module's code that imports?  That is done once.  Both are as in
 * struct pmt_site.
 */
bool pmt_sites_imports_once(const struct pmt_sites *sites, uint32_t imports,
			    uint32_t own_function);

/* *path: CALLER, a path, calls from SITE, a caller's.  0 or -ENOMEM. */
int pmt_sites_add_path(struct pmt_sites *sites, uint32_t caller, uint32_t site,
		       uint32_t *path) PMT_MUST_CHECK;

/* The paths of these sites, for as long as they are there. */
const struct pmt_callpaths *
pmt_sites_callpaths(const struct pmt_sites *sites);

/* How many names there are, and the text of one, which ends in a NUL too. */
uint32_t pmt_sites_names(const struct pmt_sites *sites);
struct pmt_text pmt_sites_name(const struct pmt_sites *sites, uint32_t name);

#endif
